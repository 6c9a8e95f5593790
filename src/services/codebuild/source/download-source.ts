import { buffer } from "node:stream/consumers";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Buildspec } from "../../../buildspec/buildspec.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { debugFiles, programDirectory, provideDebugPrograms } from "../shell/debug-session.ts";
import { openShellSession } from "../shell/shell-command.ts";
import { resolveVariables } from "../variables/resolve-variables.ts";
import { readBuildspec } from "./read-buildspec.ts";
import { unzipInto } from "./zip-files.ts";

/** DOWNLOAD_SOURCE: the source, the buildspec, the variables with their secrets; the log's lines are the agent's. */
export async function downloadSource(run: BuildRun): Promise<void> {
  const { build, log, environment } = run;
  if (environment === undefined) throw new Error("DOWNLOAD_SOURCE runs after PROVISIONING");
  log.line("Running on CodeBuild On-demand");
  log.line("Waiting for agent ping");
  log.line("Waiting for DOWNLOAD_SOURCE");
  const archive = await sourceArchive(run);
  if (archive !== undefined) await unzipInto(archive, environment.local.sourceDirectory);
  log.line("Phase is DOWNLOAD_SOURCE");
  log.line(`CODEBUILD_SRC_DIR=${environment.sourceDirectory}`);
  const buildspec = await readBuildspec(run, (location) => fetchObject(run, location));
  run.buildspec = buildspec;
  for (const name of buildspec.phaseOrder) {
    if (buildspec.phases[name]?.commands.length === 0) log.line(`No commands found for phase name: ${name}`);
  }
  if (build.source.type !== "NO_SOURCE") log.line("Setting HTTP client timeout to higher timeout for S3 source");
  log.line("Processing environment variables");
  run.variables = await resolveVariables(run, buildspec);
  openShell(run, buildspec);
  await provideRuntimes(run, buildspec);
  log.line(`Moving to directory ${environment.sourceDirectory}`);
  refuseNoRuntime(run, buildspec);
  logWhatHasNoEffect(run, buildspec);
  logPhases(run, buildspec);
}

async function sourceArchive(run: BuildRun): Promise<Buffer | undefined> {
  const { source } = run.build;
  if (run.input.sourceZip !== undefined) return run.input.sourceZip;
  if (source.type === "NO_SOURCE") return undefined;
  const { location = "" } = source;
  if (location.endsWith("/")) {
    throw new PhaseFailure("CLIENT_ERROR", `${location} is a folder; Chubo takes a zip archive as the S3 source`);
  }
  return fetchObject(run, location);
}

/** `BUCKET/KEY` or its ARN, read as the build's role. */
async function fetchObject(run: BuildRun, location: string): Promise<Buffer> {
  const [bucket, ...key] = location.replace(/^arn:aws[^:]*:s3:::/, "").split("/");
  const { credential, collaborators, build } = run;
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  const versionId = build.source.type === "S3" && location === build.source.location ? build.sourceVersion : undefined;
  const input = {
    Bucket: bucket,
    Key: key.join("/"),
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  };
  try {
    const output = await collaborators.call<{ Body?: unknown }>("s3", "GetObject", input, credential.principal);
    return await bytesOf(output.Body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Wording as builds on AWS are remembered to show it; not verified.
    throw new PhaseFailure("CLIENT_ERROR", `${error.name}: ${error.message} for primary source`, { cause: error });
  }
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  return buffer(body as AsyncIterable<Uint8Array>);
}

/** Programs of CodeBuild's own come last on PATH, as on AWS. */
function openShell(run: BuildRun, buildspec: Buildspec): void {
  const { build, environment, variables } = run;
  if (environment === undefined || variables === undefined) throw new Error("a shell needs an environment");
  const isDebugged = build.debugSessionEnabled === true;
  provideDebugPrograms(environment, isDebugged);
  const programs = `${environment.temporaryDirectory}/${programDirectory}`;
  run.variables = { ...variables, PATH: [variables.PATH ?? defaultPath, programs].join(":") };
  run.shell = openShellSession(environment, buildspec, isDebugged ? debugFiles : []);
}

/** Of an image that sets none. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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
