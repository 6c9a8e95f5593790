import type { Credential } from "../../../aws-api/service.ts";
import type { BuildRecord } from "../build.ts";
import { defaultEncryptionKey, type SourceRecord } from "../project.ts";

/**
 * Variables that CodeBuild sets, the documented and those of the others that programs are known to look at.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export function codeBuildVariables(
  build: BuildRecord,
  sourceDirectory: string,
  region: string,
): Record<string, string> {
  const { sourceVersion, resolvedSourceVersion } = build;
  return {
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_IMAGE: build.environment.image,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_BUILD_URL: consoleUrl(build, region),
    CODEBUILD_CI: "true",
    CODEBUILD_CONTAINER_NAME: "default",
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_KMS_KEY_ID: build.encryptionKey ?? defaultEncryptionKey(build.arn),
    CODEBUILD_LAST_EXIT: "0",
    CODEBUILD_LOG_PATH: build.logs.streamName,
    CODEBUILD_PROJECT_ARN: build.arn.replace(/:build\/.*/, `:project/${build.projectName}`),
    CODEBUILD_SOURCE_REPO_URL: sourceUrl(build.source),
    CODEBUILD_SRC_DIR: sourceDirectory,
    CODEBUILD_START_TIME: String(build.startTime),
    ...(sourceVersion === undefined ? {} : { CODEBUILD_SOURCE_VERSION: sourceVersion }),
    ...batchVariables(build),
    ...(resolvedSourceVersion === undefined ? {} : { CODEBUILD_RESOLVED_SOURCE_VERSION: resolvedSourceVersion }),
  };
}

/** Empty under a pipeline, as it may be on AWS. */
export function sourceUrl({ type, location = "" }: SourceRecord): string {
  if (type === "CODEPIPELINE") return "";
  return type === "S3" ? `s3://${location.replace(/^arn:[^:]*:s3:::/, "")}` : location;
}

/**
 * AWS tells a build of a fan-out its place among the others as well, under names that are not documented: ours are for
 * `codebuild-tests-run` alone.
 */
function batchVariables({ batch }: BuildRecord): Record<string, string> {
  if (batch === undefined) return {};
  const { identifier, shard } = batch;
  return {
    CODEBUILD_BATCH_BUILD_IDENTIFIER: identifier,
    ...(shard === undefined ? {} : { CHUBO_SHARD_INDEX: String(shard.index), CHUBO_SHARD_COUNT: String(shard.count) }),
  };
}

/** Set by CodeBuild as well, but a project may set them otherwise: many give AWS_DEFAULT_REGION. */
export function awsVariables(region: string): Record<string, string> {
  return { AWS_DEFAULT_REGION: region, AWS_REGION: region, AWS_EXECUTION_ENV: "AWS_ECS_EC2" };
}

function consoleUrl({ arn, projectName, id }: BuildRecord, region: string): string {
  const account = arn.split(":")[4];
  const path = `codesuite/codebuild/${account}/projects/${projectName}/build/${encodeURIComponent(id)}`;
  return `https://${region}.console.aws.amazon.com/${path}?region=${region}`;
}

/**
 * Credentials of the service role for tools that look at variables. None where the environment names a container
 * credential endpoint, as on AWS, and none beside a key pair of the build's own, which the session token would spoil.
 */
export function credentialVariables(
  { accessKeyId, secretAccessKey, sessionToken }: Credential,
  others: Record<string, string>,
): Record<string, string> {
  const isProvided = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  ].some((name) => others[name] !== undefined);
  if (isProvided) return {};
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** Layers of variables, the weakest first: the environment's own, the buildspec's, the project's and its overrides. */
export interface VariableLayers {
  environment: Record<string, string>;
  buildspec: Record<string, string>;
  project: Record<string, string>;
}

/** CodeBuild's own names are not to be overridden. */
export function composeVariables(
  layers: VariableLayers,
  build: BuildRecord,
  sourceDirectory: string,
  region: string,
): Record<string, string> {
  return {
    ...awsVariables(region),
    ...layers.environment,
    ...layers.buildspec,
    ...layers.project,
    ...codeBuildVariables(build, sourceDirectory, region),
  };
}
