import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildRun } from "../run/build-run.ts";
import { quoteForShell } from "../shell/shell-command.ts";
import type { CachePath, CacheRoots } from "./cache-path.ts";

/**
 * Packs and unpacks in the build's own environment, since only that sees all of a container's files: with the `find` and `tar`
 * of its image. Names in an archive begin with the root that they are below, so that they fit another build's directories.
 */
export interface CacheStage {
  roots: CacheRoots;
  /** Where the archive is found by this process. */
  archive: string;
  /** The directory that no command of the build can put another one in place of. */
  trusted: string;
  /** False where there was nothing to pack. */
  pack(paths: readonly CachePath[]): Promise<boolean>;
  /** Leaves out what is not below the paths, and tells of it. */
  unpack(paths: readonly CachePath[]): Promise<void>;
  /** Runs a script; throws where it fails. */
  run(script: string): Promise<void>;
}

/**
 * Not every busybox's tar reads names from a file; as arguments there may be some ten thousand. All of them begin with a root,
 * and none looks like an option.
 */
const tarFunction = `tar_listed() {
  if tar --help 2>&1 | grep -q -e ' -T'; then tar "$@" -T ../cache-list
  else (set -f; IFS='
'; tar "$@" $(cat ../cache-list))
  fi
}
`;

export function openCacheStage(run: BuildRun): CacheStage {
  const { environment, variables = {}, signal, log } = run;
  if (environment === undefined) throw new Error("a cache is used after PROVISIONING");
  const { temporaryDirectory, sourceDirectory, local } = environment;
  const isHost = local.sourceDirectory === sourceDirectory;
  const home = variables.HOME ?? "/root";
  const stage = quoteForShell(`${temporaryDirectory}/cache-stage`);
  const outside = (name: string) => join(local.temporaryDirectory, name);
  const begin = `set -e
mkdir -p ${stage}
cd ${stage}
ln -sfn ${quoteForShell(sourceDirectory)} source
ln -sfn ${quoteForShell(home)} home
${isHost ? "" : "ln -sfn / root"}
`;
  async function runScript(script: string): Promise<void> {
    writeFileSync(outside("cache.sh"), begin + script, { mode: 0o700 });
    let output = "";
    const onOutput = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-1000);
    };
    const file = `${temporaryDirectory}/cache.sh`;
    const status = await environment?.run({ shell: "sh", file, variables, onOutput, signal });
    if (status !== 0) throw new Error(output.trim() || `exit status ${status}`);
  }
  const chosenFrom = (list: string, paths: readonly CachePath[], onOther: (name: string) => void) =>
    readFileSync(outside(list), "utf8")
      .split("\n")
      .filter((name) => {
        if (name === "" || name.endsWith("/")) return false;
        const isChosen = isBelowPaths(name, paths);
        if (!isChosen) onOther(name);
        return isChosen;
      });
  const writeList = (names: readonly string[]) => writeFileSync(outside("cache-list"), `${names.join("\n")}\n`);
  return {
    roots: { sourceDirectory, home, isHost },
    ...{ archive: outside("cache.tgz"), trusted: dirname(local.temporaryDirectory) },
    run: runScript,
    async pack(paths) {
      const bases = paths.map(({ root, base }) => quoteForShell(base === "" ? `${root}/` : `${root}/${base}`));
      const find = bases.map((base) => `find -H ${base} \\( -type f -o -type l \\) -print 2>/dev/null || true`);
      await runScript(`{ ${find.join("; ")}; } | sed 's://*:/:g' > ../cache-found\n`);
      const names = chosenFrom("cache-found", paths, () => undefined);
      if (names.length === 0) return false;
      writeList([...new Set(names)]);
      await runScript(`rm -f ../cache.tgz\nexec 2>&1\n${tarFunction}tar_listed -czf ../cache.tgz\n`);
      return true;
    },
    async unpack(paths) {
      await runScript("exec 2>&1\ntar -tzf ../cache.tgz > ../cache-found\n");
      const skip = (name: string) =>
        log.line(`Skipping cache entry: path ${JSON.stringify(name)} is not within allowed cache paths`);
      const names = chosenFrom("cache-found", paths, skip);
      writeList(names);
      if (names.length > 0) await runScript(`exec 2>&1\n${tarFunction}tar_listed -xzf ../cache.tgz\n`);
      await runScript("rm -f ../cache.tgz\n");
    },
  };
}

function isBelowPaths(name: string, paths: readonly CachePath[]): boolean {
  if (name.split("/").includes("..")) return false;
  return paths.some(({ root, matches }) => name.startsWith(`${root}/`) && matches(name.slice(root.length + 1)));
}
