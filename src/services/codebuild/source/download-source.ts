import type { Buildspec } from "../../../buildspec/buildspec.ts";
import { provideTestPrograms } from "../batch/test-programs/provide-test-programs.ts";
import type { BuildRun } from "../run/build-run.ts";
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
  logClientTimeout(run);
  log.line("Processing environment variables");
  run.variables = provideTestPrograms(environment, { ...(await resolveVariables(run, buildspec)), ...sourceVariables });
  logRuntimes(run, buildspec);
  log.line(`Moving to directory ${environment.sourceDirectory}`);
  run.shell = openShellSession(environment, buildspec);
  logWhatHasNoEffect(run, buildspec);
  logPhases(run, buildspec);
}

function logClientTimeout({ log, build }: BuildRun): void {
  const { type } = build.source;
  if (isGitSource(type)) log.line(`Not setting HTTP client timeout for source type ${type.toLowerCase()}`);
  else if (type !== "NO_SOURCE") log.line("Setting HTTP client timeout to higher timeout for S3 source");
}

function logRuntimes({ log }: BuildRun, buildspec: Buildspec): void {
  const runtimes = buildspec.phases.install?.runtimeVersions ?? {};
  const isNone = Object.keys(runtimes).length === 0;
  // The second is what CodeBuild says on an image that is not one of its own: this machine has the runtimes that it has.
  if (isNone) log.line("No runtime version selected in buildspec.");
  else log.line("Skipping install of runtimes. Runtime version selection is not supported by this build image");
}

function logWhatHasNoEffect({ log, build }: BuildRun, { notCarriedOut, unknownKeys }: Buildspec): void {
  for (const key of notCarriedOut) log.line(`Warning: ${key} in the buildspec has no effect here`);
  for (const key of unknownKeys) log.line(`Warning: ${key} is no key of a buildspec; it has no effect`);
  for (const name of build.settingsWithoutEffect) log.line(`Warning: ${name} of the project has no effect here`);
}

function logPhases({ log }: BuildRun, buildspec: Buildspec): void {
  if (!buildspec.notCarriedOut.includes("cache")) {
    log.line("Cache is not defined in the buildspec");
    log.line("Skip cache due to: no paths specified to be cached");
  }
  log.line("Registering with agent");
  log.line(`Phases found in YAML: ${buildspec.phaseOrder.length}`);
  for (const name of buildspec.phaseOrder) {
    log.line(` ${name.toUpperCase()}: ${buildspec.phases[name]?.commands.length ?? 0} commands`);
  }
}
