import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isInside } from "../artifacts/source-tree.ts";
import type { BuildRun } from "../run/build-run.ts";
import { quoteForShell } from "../shell/shell-command.ts";
import type { CachePath } from "./cache-path.ts";
import type { CacheStage } from "./cache-stage.ts";
import { containerCustomCache } from "./local-cache-place.ts";

/**
 * LOCAL_CUSTOM_CACHE: directories of the cache stand in the build as links, in place of what the source has under their names.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html
 */
export async function linkCustomCache(
  run: BuildRun,
  directory: string,
  { paths, stage }: { paths: readonly CachePath[]; stage: CacheStage },
): Promise<void> {
  const { log, environment } = run;
  const inside = stage.roots.isHost ? directory : containerCustomCache;
  for (const path of paths) {
    const { root, base, text, isDirectory } = path;
    const source = environment?.local.sourceDirectory ?? "";
    if (root === "source" && !leadsInside(source, dirname(base))) {
      log.line(`Skipping cache path ${text}: it leads out of the source directory`);
      continue;
    }
    if (!isDirectory || base === "" || (root === "source" && isFile(join(source, base)))) {
      log.line(`Skipping cache path ${text}: a local cache keeps directories only`);
      continue;
    }
    const id = createHash("sha256").update(`${root}/${base}`).digest("hex");
    const kept = [id, basename(base)];
    mkdirSync(join(directory, ...kept), { recursive: true, mode: 0o755 });
    const target = [inside, ...kept].join("/");
    const shown = [containerCustomCache, ...kept].join("/");
    log.line(`MkdirAll: ${shown}`);
    log.line(`Symlinking: ${root === "source" ? `${stage.roots.sourceDirectory}/${base}` : text} => ${shown}`);
    const link = quoteForShell(`${root}/${base}`);
    const parent = quoteForShell(dirname(`${root}/${base}`));
    await stage.run(`exec 2>&1\nmkdir -p ${parent}\nrm -rf ${link}\nln -s ${quoteForShell(target)} ${link}\n`);
  }
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The source may hold links; none of the directories on the way is made yet where this fails. */
function leadsInside(sourceDirectory: string, way: string): boolean {
  const root = realpathSync(sourceDirectory);
  for (let path = join(root, way); path !== root; path = dirname(path)) {
    try {
      return isInside(realpathSync(path), root);
    } catch {
      // Not there: the nearest that is decides.
    }
  }
  return true;
}
