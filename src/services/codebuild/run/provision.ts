import { AwsError } from "../../../aws-api/aws-error.ts";
import { localCacheDirectories } from "../cache/local-cache-place.ts";
import type { BuildLogSink } from "../collaborators.ts";
import { resolveSecrets } from "../variables/resolve-secrets.ts";
import type { BuildRun } from "./build-run.ts";
import { PhaseFailure } from "./phase-failure.ts";

/** PROVISIONING: takes the role, then the environment. A role that does not trust CodeBuild fails before anything is made. */
export async function provision(run: BuildRun): Promise<void> {
  const { build, collaborators, signal } = run;
  try {
    run.credential = collaborators.roles.assume(build.serviceRole, `AWSCodeBuild-${build.id.split(":").at(-1)}`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // The sentence is AWS's; that it stands in this phase and under this code is not verified.
    const message = `CodeBuild is not authorized to perform: sts:AssumeRole on ${build.serviceRole}`;
    collaborators.observer.onNote(build, error.message);
    throw new PhaseFailure("ACCESS_DENIED", message, { cause: error });
  }
  const { accessKeyId, secretAccessKey, sessionToken = "" } = run.credential;
  run.log.mask([accessKeyId, secretAccessKey, sessionToken]);
  const registryLogin = await findRegistryLogin(run);
  if (build.cache?.type === "LOCAL") takeLocalCache(run);
  run.environment = await collaborators.openEnvironment({
    buildId: build.id,
    environment: build.environment,
    credential: run.credential,
    fileSystems: build.fileSystemLocations ?? [],
    signal,
    ...(registryLogin === undefined ? {} : { registryLogin }),
    ...(run.localCacheDirectories === undefined ? {} : { localCache: run.localCacheDirectories }),
  });
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token = "" } = run.environment.variables;
  run.log.mask([token]);
  collaborators.observer.onNote(build, `environment: ${run.environment.description}`);
}

/** As on AWS, where that build would have run on another host, without the cache as well. */
function takeLocalCache(run: BuildRun): void {
  const { build, collaborators } = run;
  const localCache = collaborators.localCaches.take(build.projectName);
  if (localCache === undefined) {
    collaborators.observer.onNote(build, "another build of the project has its local cache: this one goes without");
    return;
  }
  run.localCache = localCache;
  run.localCacheDirectories = localCacheDirectories(build, localCache.directory);
}

/** The project's registryCredential: a secret with the keys username and password, for pulling the image. */
async function findRegistryLogin(run: BuildRun): Promise<{ username: string; password: string } | undefined> {
  const { credential, collaborators, build } = run;
  const secretId = build.environment.registryCredential?.credential;
  if (secretId === undefined || credential === undefined) return undefined;
  const references = { username: `${secretId}:username`, password: `${secretId}:password` };
  try {
    const { username = "", password = "" } = await resolveSecrets(references, {}, (service, operation, input) =>
      collaborators.call(service, operation, input, credential.principal),
    );
    run.log.mask([password]);
    return { username, password };
  } catch (error) {
    if (!(error instanceof PhaseFailure)) throw error;
    const message = `Unable to pull customer's container image. ${error.message}`;
    throw new PhaseFailure("BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE", message, { cause: error });
  }
}

/** Undefined where the project wants no log, or the role may not write one: the build goes on without. */
export async function openLogSink(run: BuildRun): Promise<BuildLogSink | undefined> {
  const { s3Location } = run.build.logs;
  const group = await openGroupLog(run);
  if (s3Location === undefined || run.credential === undefined) return group;
  const { bothLogs, openS3Log } = await import("../log/s3-log.ts");
  const object = await openS3Log(run, s3Location);
  return group === undefined ? object : bothLogs(group, object);
}

async function openGroupLog(run: BuildRun): Promise<BuildLogSink | undefined> {
  const { build, collaborators, credential } = run;
  if (credential === undefined || !build.logs.isEnabled) return undefined;
  try {
    return await collaborators.openLog(build.logs.groupName, build.logs.streamName, credential.principal);
  } catch (error) {
    noteLogRefusal(run, error);
    return undefined;
  }
}

export async function closeLogSink(run: BuildRun, sink: BuildLogSink | undefined): Promise<void> {
  try {
    await sink?.close();
  } catch (error) {
    noteLogRefusal(run, error);
  }
}

function noteLogRefusal({ collaborators, build }: BuildRun, error: unknown): void {
  if (!(error instanceof AwsError)) throw error;
  collaborators.observer.onNote(build, `the role may not write the build's log: ${error.message}`);
}
