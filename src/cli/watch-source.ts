import { readFileSync, watch } from "node:fs";
import { join, sep } from "node:path";
import ignore from "ignore";
import type { Interruption } from "./run-session.ts";

export interface WatchOptions {
  interruption: Interruption;
  /** Builds; what changes meanwhile is built after it. */
  onChange(path: string): Promise<void>;
  /** Nothing is to be built at the moment. */
  onWait(): void;
  /** A build may be under way. */
  onInterrupt(): unknown;
}

/** Milliseconds of silence after which a change is complete: editors and `git switch` write many files at once. */
const silence = 150;

/** Calls `onChange` for changes below a directory, one at a time, until the person ends it. What .gitignore names does not count. */
export async function watchSource(directory: string, options: WatchOptions): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const isIgnored = ignoreOf(directory);
  let changed: string | undefined;
  let building = false;
  let timer: NodeJS.Timeout | undefined;
  const build = async () => {
    if (building || changed === undefined || options.interruption.happened()) return;
    const path = changed;
    changed = undefined;
    building = true;
    await options.onChange(path);
    building = false;
    if (options.interruption.happened()) return end();
    if (changed === undefined) options.onWait();
    else void build();
  };
  const watcher = watch(directory, { recursive: true }, (_event, name) => {
    if (name === null || isIgnored(name)) return;
    changed = name;
    clearTimeout(timer);
    timer = setTimeout(() => void build().catch(fail), silence);
  });
  const { promise: failed, reject: fail } = Promise.withResolvers<void>();
  watcher.on("error", fail);
  options.interruption.onInterrupt(async () => {
    await options.onInterrupt();
    end();
  });
  options.onWait();
  try {
    await Promise.race([ended, failed]);
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

function ignoreOf(directory: string): (path: string) => boolean {
  const rules = ignore().add([".git", ".chubo", "node_modules"]);
  try {
    rules.add(readFileSync(join(directory, ".gitignore"), "utf8"));
  } catch {
    // A directory need not have one.
  }
  return (path) => rules.ignores(path.split(sep).join("/"));
}
