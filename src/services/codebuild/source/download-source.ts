import type { Buildspec } from "../../../buildspec/buildspec.ts";
import { testPrograms } from "../batch/test-programs/test-programs.ts";
import { cachePrograms } from "../cache/hash-files.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { provideBuildPrograms } from "../shell/build-programs.ts";
import { debugFiles, debugPrograms } from "../shell/debug-session.ts";
import { openShellSession } from "../shell/shell-command.ts";
import { resolveVariables } from "../variables/resolve-variables.ts";
import { fetchBuildspec, placeSources } from "./place-sources.ts";
import { readBuildspec } from "./read-buildspec.ts";
import { isGitSource } from "./repository-path.ts";

/** DOWNLOAD_SOURCE: the source, the buildspec, the variables with their secrets; the log's lines are the agent's. */
export async function downloadSource(run: BuildRun): Promise<void> {
  const { log } = run;
  log.line("Running on CodeBuild On-demand");
  log.line("Waiting for agent ping");
  log.line("Waiting for DOWNLOAD_SOURCE");
  const sourceVariables = await placeSources(run);
  const { environment } = run;
  if (environment === undefined) throw new Error("DOWNLOAD_SOURCE runs after PROVISIONING");
  log.line("Phase is DOWNLOAD_SOURCE");
  log.line(`CODEBUILD_SRC_DIR=${environment.sourceDirectory}`);
  const buildspec = await readBuildspec(run, (location) => fetchBuildspec(run, location));
  run.buildspec = buildspec;
  for (const name of buildspec.phaseOrder) {
    if (buildspec.phases[name]?.commands.length === 0) log.line(`No commands found for phase name: ${name}`);
  }
  noteBatch(run, buildspec);
  logClientTimeout(run);
  log.line("Processing environment variables");
  run.variables = { ...(await resolveVariables(run, buildspec)), ...sourceVariables };
  openShell(run, buildspec);
  await provideRuntimes(run, buildspec);
  log.line(`Moving to directory ${environment.sourceDirectory}`);
  refuseNoRuntime(run, buildspec);
  logWhatHasNoEffect(run, buildspec);
  if (buildspec.cache === undefined) {
    log.line("Cache is not defined in the buildspec");
    log.line("Skip cache due to: no paths specified to be cached");
  } else await (await import("../cache/build-cache.ts")).restoreCache(run);
  logPhases(run, buildspec);
}

/** As on AWS only StartBuildBatch heeds it; who starts a build may not know. */
function noteBatch({ build, collaborators }: BuildRun, { batch }: Buildspec): void {
  if (batch === undefined || build.batch !== undefined) return;
  collaborators.observer.onNote(
    build,
    "the buildspec's batch is not heeded: StartBuild runs the phases; StartBuildBatch and chubo build --batch run the batch",
  );
}

function logClientTimeout({ log, build }: BuildRun): void {
  const { type } = build.source;
  if (isGitSource(type)) log.line(`Not setting HTTP client timeout for source type ${type.toLowerCase()}`);
  else if (type !== "NO_SOURCE") log.line("Setting HTTP client timeout to higher timeout for S3 source");
}

function openShell(run: BuildRun, buildspec: Buildspec): void {
  const { build, environment, variables } = run;
  if (environment === undefined || variables === undefined) throw new Error("a shell needs an environment");
  const isDebugged = build.debugSessionEnabled === true;
  const programs = { ...debugPrograms(environment, isDebugged), ...testPrograms, ...cachePrograms };
  run.variables = { ...variables, PATH: provideBuildPrograms(environment, programs, variables.PATH) };
  run.shell = openShellSession(environment, buildspec, isDebugged ? debugFiles : []);
}

async function provideRuntimes(run: BuildRun, buildspec: Buildspec): Promise<void> {
  if (hasRuntimes(buildspec)) {
    await (await import("../runtimes/provide-runtimes.ts")).provideRuntimes(run, buildspec);
  } else if (!needsRuntime(run)) {
    run.log.line("No runtime version selected in buildspec.");
  }
}

function hasRuntimes({ phases }: Buildspec): boolean {
  return Object.keys(phases.install?.runtimeVersions ?? {}).length > 0;
}

/** Images of which builds are recorded that were refused for want of a runtime; the later ones have defaults. */
function needsRuntime({ build }: BuildRun): boolean {
  return /^aws\/codebuild\/(standard:2\.0|amazonlinux2-(x86_64|aarch64)-standard:[12]\.0)/.test(
    build.environment.image,
  );
}

function refuseNoRuntime(run: BuildRun, buildspec: Buildspec): void {
  if (hasRuntimes(buildspec) || !needsRuntime(run)) return;
  throw new PhaseFailure("YAML_FILE_ERROR", "This build image requires selecting at least one runtime version.");
}

function logWhatHasNoEffect({ log, build }: BuildRun, { notCarriedOut, unknownKeys }: Buildspec): void {
  for (const key of notCarriedOut) log.line(`Warning: ${key} in the buildspec has no effect here`);
  for (const key of unknownKeys) log.line(`Warning: ${key} is no key of a buildspec; it has no effect`);
  for (const name of build.settingsWithoutEffect) log.line(`Warning: ${name} of the project has no effect here`);
}

function logPhases({ log }: BuildRun, buildspec: Buildspec): void {
  log.line("Registering with agent");
  log.line(`Phases found in YAML: ${buildspec.phaseOrder.length}`);
  for (const name of buildspec.phaseOrder) {
    log.line(` ${name.toUpperCase()}: ${buildspec.phases[name]?.commands.length ?? 0} commands`);
  }
}
