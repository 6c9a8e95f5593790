import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { AwsError } from "../../aws-api/aws-error.ts";
import { type Buildspec, BuildspecError } from "../../buildspec/buildspec.ts";
import { parseBuildspec } from "../../buildspec/parse-buildspec.ts";
import { codeBuildVariables, composeVariables, credentialVariables } from "./build-variables.ts";
import { PhaseFailure } from "./phase-failure.ts";
import type { VariableType } from "./project.ts";
import { type RoleCall, resolveParameters, resolveSecrets } from "./resolve-secrets.ts";
import type { BuildRun } from "./run-build.ts";
import { openShellSession } from "./shell-command.ts";
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
  const buildspec = readBuildspec(run);
  run.buildspec = buildspec;
  if (build.source.type !== "NO_SOURCE") log.line("Setting HTTP client timeout to higher timeout for S3 source");
  log.line("Processing environment variables");
  run.variables = await resolveVariables(run, buildspec);
  logRuntimes(run, buildspec);
  log.line(`Moving to directory ${environment.sourceDirectory}`);
  run.shell = openShellSession(environment, buildspec.shell);
  logPhases(run, buildspec);
}

function roleCall(run: BuildRun): RoleCall {
  return (service, operation, input) => {
    if (run.credential === undefined) throw new Error("no role before PROVISIONING");
    return run.collaborators.call(service, operation, input, run.credential.principal);
  };
}

async function sourceArchive(run: BuildRun): Promise<Buffer | undefined> {
  const { source } = run.build;
  if (run.input.sourceZip !== undefined) return run.input.sourceZip;
  if (source.type === "NO_SOURCE") return undefined;
  // `BUCKET/KEY`; a pipeline's artifact comes the same way.
  const [bucket, ...key] = (source.location ?? "").split("/");
  try {
    const input = { Bucket: bucket, Key: key.join("/") };
    const { Body } = await roleCall(run)<{ Body: AsyncIterable<Uint8Array> }>("s3", "GetObject", input);
    return await buffer(Body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Wording as builds on AWS are remembered to show it; not verified.
    throw new PhaseFailure("CLIENT_ERROR", `${error.name}: ${error.message} for primary source`, { cause: error });
  }
}

/** Inline text has a newline or begins as a document does; anything else is a path below the source directory. */
function readBuildspec(run: BuildRun): Buildspec {
  const { build, log, environment } = run;
  const given = build.source.buildspec ?? "";
  const isInline = given.includes("\n") || /^\s*(\{|version\s*:)/.test(given);
  const name = isInline || given === "" ? "buildspec.yml" : given;
  const location = isInline ? "/codebuild/readonly/buildspec.yml" : `${environment?.sourceDirectory}/${name}`;
  log.line(`YAML location is ${location}`);
  try {
    return parseBuildspec(isInline ? given : readBuildspecFile(run, name, location));
  } catch (error) {
    if (!(error instanceof BuildspecError)) throw error;
    throw new PhaseFailure("YAML_FILE_ERROR", log.masked(error.message), { cause: error });
  }
}

function readBuildspecFile(run: BuildRun, name: string, location: string): string {
  if (run.build.source.type === "NO_SOURCE") throw new PhaseFailure("YAML_FILE_ERROR", "YAML file does not exist");
  const path = join(run.environment?.local.sourceDirectory ?? "", name);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new PhaseFailure("YAML_FILE_ERROR", `stat ${location}: no such file or directory`);
  }
  return readFileSync(path, "utf8");
}

async function resolveVariables(run: BuildRun, buildspec: Buildspec): Promise<Record<string, string>> {
  const { build, log, environment, credential, region } = run;
  if (environment === undefined || credential === undefined)
    throw new Error("variables need an environment and a role");
  const call = roleCall(run);
  const ofType = (type: VariableType) =>
    Object.fromEntries(
      build.environment.environmentVariables
        .filter((variable) => variable.type === type)
        .map(({ name, value }) => [name, value]),
    );
  const codeBuild = codeBuildVariables(build, environment.sourceDirectory, region);
  const plain = { ...codeBuild, ...buildspec.variables, ...ofType("PLAINTEXT") };
  const projectSecrets = {
    ...(await resolveParameters(ofType("PARAMETER_STORE"), call)),
    ...(await resolveSecrets(ofType("SECRETS_MANAGER"), plain, call)),
  };
  const buildspecSecrets = {
    ...(await resolveParameters(buildspec.parameterStore, call)),
    ...(await resolveSecrets(buildspec.secretsManager, plain, call)),
  };
  log.mask([...Object.values(projectSecrets), ...Object.values(buildspecSecrets)]);
  const project = { ...ofType("PLAINTEXT"), ...projectSecrets };
  return {
    ...composeVariables({ environment, buildspec, project, buildspecSecrets, codeBuild }),
    ...credentialVariables(credential),
  };
}

function logRuntimes({ log }: BuildRun, buildspec: Buildspec): void {
  const runtimes = buildspec.phases.install?.runtimeVersions ?? {};
  const isNone = Object.keys(runtimes).length === 0;
  // The second is what CodeBuild says on an image that is not one of its own: this machine has the runtimes that it has.
  if (isNone) log.line("No runtime version selected in buildspec.");
  else log.line("Skipping install of runtimes. Runtime version selection is not supported by this build image");
}

function logPhases({ log }: BuildRun, buildspec: Buildspec): void {
  for (const key of new Set(buildspec.notCarriedOut))
    log.line(`Warning: ${key} in the buildspec is not carried out here`);
  log.line("Cache is not defined in the buildspec");
  log.line("Skip cache due to: no paths specified to be cached");
  log.line("Registering with agent");
  log.line(`Phases found in YAML: ${buildspec.phaseOrder.length}`);
  for (const name of buildspec.phaseOrder) {
    log.line(` ${name.toUpperCase()}: ${buildspec.phases[name]?.commands.length ?? 0} commands`);
  }
}
