import { evaluateTexts } from "../artifacts/evaluate-block.ts";
import type { BuildRun } from "../run/build-run.ts";
import { parseCachePath } from "./cache-path.ts";
import { openCacheStage } from "./cache-stage.ts";

/** At the end of DOWNLOAD_SOURCE: brings in what earlier builds left. The lines are the agent's. */
export async function restoreCache(run: BuildRun): Promise<void> {
  const { build, buildspec, log } = run;
  const { type = "NO_CACHE", modes = [] } = build.cache ?? {};
  if (buildspec?.cache === undefined) return;
  if (type === "NO_CACHE" || buildspec.cache.paths.length === 0) {
    // The first reason is in our words.
    log.line(
      `Skip cache due to: ${type === "NO_CACHE" ? "the project has no cache" : "no paths specified to be cached"}`,
    );
    return;
  }
  const opened = await openPaths(run);
  for (const { text } of opened.paths) log.line(`Expanded cache path ${text}`);
  if (type === "S3") {
    if (buildspec.cache.action !== "save") await (await openS3(run, opened)).restore();
  } else if (modes.includes("LOCAL_CUSTOM_CACHE")) {
    const directory = run.localCacheDirectories?.custom;
    if (directory === undefined) log.line("Skip cache due to: another build of the project has its local cache");
    else await (await import("./custom-cache.ts")).linkCustomCache(run, directory, opened);
  }
}

/** At the end of POST_BUILD, in S3 only: a local cache is in its place already. That a failed build leaves none is a guess. */
export async function saveCache(run: BuildRun): Promise<void> {
  const { build, buildspec, succeeding } = run;
  if (build.cache?.type !== "S3" || !buildspec?.cache?.paths.length || buildspec.cache.action === "restore") return;
  if (succeeding) await (await openS3(run, await openPaths(run))).save();
}

async function openPaths(run: BuildRun) {
  const stage = openCacheStage(run);
  const texts = await evaluateTexts(run, run.buildspec?.cache?.paths ?? []);
  const paths = texts.flatMap((text) => {
    const path = parseCachePath(text, stage.roots);
    if (path === undefined) run.log.line(`Skipping cache path ${text}: it is outside of the build's directories`);
    return path ?? [];
  });
  return { stage, paths };
}

async function openS3(run: BuildRun, opened: Awaited<ReturnType<typeof openPaths>>) {
  const { openS3Cache } = await import("./s3-cache.ts");
  const block = run.buildspec?.cache;
  if (block === undefined) throw new Error("no cache block");
  return openS3Cache(run, { block, ...opened });
}
