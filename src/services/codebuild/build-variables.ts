import type { Credential } from "../../aws-api/service.ts";
import type { Buildspec } from "../../buildspec/buildspec.ts";
import type { BuildRecord } from "./build.ts";
import type { BuildEnvironment } from "./environment.ts";

/**
 * Variables that CodeBuild sets.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export function codeBuildVariables(
  build: BuildRecord,
  sourceDirectory: string,
  region: string,
): Record<string, string> {
  return {
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_EXECUTION_ENV: "AWS_ECS_EC2",
    CI: "true",
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_IMAGE: build.environment.image,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_CI: "true",
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_LAST_EXIT: "0",
    CODEBUILD_LOG_PATH: build.logs.streamName,
    CODEBUILD_PROJECT_ARN: build.arn.replace(/:build\/.*/, `:project/${build.projectName}`),
    CODEBUILD_SOURCE_REPO_URL: build.source.type === "CODEPIPELINE" ? "" : (build.source.location ?? ""),
    CODEBUILD_SRC_DIR: sourceDirectory,
    CODEBUILD_START_TIME: String(build.startTime),
    ...(build.sourceVersion === undefined ? {} : { CODEBUILD_SOURCE_VERSION: build.sourceVersion }),
    ...(build.resolvedSourceVersion === undefined
      ? {}
      : { CODEBUILD_RESOLVED_SOURCE_VERSION: build.resolvedSourceVersion }),
  };
}

/**
 * Credentials of the service role. On AWS they come from a container credential endpoint; here they stand in variables
 * (see docs/deviations.md).
 */
export function credentialVariables({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Credential): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** Later ones win: the environment's own, the buildspec, the project and its overrides, CodeBuild's. */
export function composeVariables(parts: {
  environment: BuildEnvironment;
  buildspec: Buildspec;
  project: Record<string, string>;
  buildspecSecrets: Record<string, string>;
  codeBuild: Record<string, string>;
}): Record<string, string> {
  return {
    ...parts.environment.variables,
    ...parts.buildspec.variables,
    ...parts.buildspecSecrets,
    ...parts.project,
    ...parts.codeBuild,
  };
}
