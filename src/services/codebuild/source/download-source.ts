import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Buildspec } from "../../../buildspec/buildspec.ts";
import { hashFilesProgram } from "../cache/hash-files.ts";
import { installPrograms } from "../environment/install-programs.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { openShellSession } from "../shell/shell-command.ts";
import { resolveVariables } from "../variables/resolve-variables.ts";
import { readBuildspec } from "./read-buildspec.ts";
import { unzipInto } from "./zip-files.ts";

/** Where an image says nothing. */
const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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
  if (build.source.type !== "NO_SOURCE") log.line("Setting HTTP client timeout to higher timeout for S3 source");
  log.line("Processing environment variables");
  run.variables = await resolveVariables(run, buildspec);
  run.variables.PATH = installPrograms(environment, run.variables.PATH ?? standardPath, {
    "codebuild-hash-files": hashFilesProgram,
  });
  logRuntimes(run, buildspec);
  log.line(`Moving to directory ${environment.sourceDirectory}`);
  run.shell = openShellSession(environment, buildspec);
  logWhatHasNoEffect(run, buildspec);
  if (buildspec.cache === undefined) {
    log.line("Cache is not defined in the buildspec");
    log.line("Skip cache due to: no paths specified to be cached");
  } else await (await import("../cache/build-cache.ts")).restoreCache(run);
  logPhases(run, buildspec);
}

async function sourceArchive(run: BuildRun): Promise<Buffer | Readable | undefined> {
  const { source } = run.build;
  if (run.input.sourceZip !== undefined) return run.input.sourceZip;
  if (source.type === "NO_SOURCE") return undefined;
  const { location = "" } = source;
  if (location.endsWith("/")) {
    throw new PhaseFailure("CLIENT_ERROR", `${location} is a folder; Chubo takes a zip archive as the S3 source`);
  }
  return openObject(run, location);
}

async function fetchObject(run: BuildRun, location: string): Promise<Buffer> {
  return bytesOf(await openObject(run, location));
}

/** `BUCKET/KEY` or its ARN, read as the build's role. */
async function openObject(run: BuildRun, location: string): Promise<Buffer | Readable> {
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
    const call = collaborators.call<{ Body?: Buffer | Readable }>;
    return (await call("s3", "GetObject", input, credential.principal)).Body ?? Buffer.alloc(0);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Wording as builds on AWS are remembered to show it; not verified.
    throw new PhaseFailure("CLIENT_ERROR", `${error.name}: ${error.message} for primary source`, { cause: error });
  }
}

async function bytesOf(body: Buffer | Readable): Promise<Buffer> {
  return Buffer.isBuffer(body) ? body : buffer(body);
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
  log.line("Registering with agent");
  log.line(`Phases found in YAML: ${buildspec.phaseOrder.length}`);
  for (const name of buildspec.phaseOrder) {
    log.line(` ${name.toUpperCase()}: ${buildspec.phases[name]?.commands.length ?? 0} commands`);
  }
}
