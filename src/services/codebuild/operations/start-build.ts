import type { Build, RetryBuildCommandInput, StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import type { Principal } from "../../../aws-api/service.ts";
import { type BuildRecord, describeBuild } from "../build.ts";
import type { CodeBuild } from "../codebuild.ts";
import { checkOverrides, withOverrides } from "./build-overrides.ts";
import { getBuild, getProject } from "./find-records.ts";
import type { IdempotencyTokens } from "./idempotency-tokens.ts";
import { invalid, withoutUndefined } from "./project-input.ts";

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html */
export function startBuild(
  codeBuild: CodeBuild,
  input: StartBuildCommandInput,
  principal: Principal,
  tokens: IdempotencyTokens,
): Build {
  checkOverrides(input, ["autoRetryLimitOverride", "debugSessionEnabled"]);
  const { idempotencyToken, ...request } = input;
  const earlier = tokens.find(idempotencyToken, request);
  const known = earlier === undefined ? undefined : codeBuild.store.builds.get(earlier);
  if (known !== undefined) return describeBuild(known);
  const stored = getProject(codeBuild.store, input.projectName);
  if (stored.artifacts.type === "CODEPIPELINE" && input.artifactsOverride === undefined) {
    throw invalid("ArtifactsOverride must be set when using artifacts type CodePipelines");
  }
  const project = withOverrides(stored, input);
  if (project.source.type === "CODEPIPELINE") {
    // AWS refuses this as well; its words are not known.
    throw invalid("Cannot start build: a project with source type CODEPIPELINE is started by a pipeline");
  }
  const { sourceVersion, debugSessionEnabled = false } = input;
  const changes = {
    initiator: initiatorOf(principal),
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(debugSessionEnabled && { debugSessionEnabled }),
  };
  const build = codeBuild.start(project, changes, {});
  tokens.keep(idempotencyToken, request, build.id);
  return describeBuild(build);
}

/** `root`, `alice` of a user, `ROLE/SESSION` of a role. */
export function initiatorOf({ arn }: Principal): string {
  return (arn.split(":").at(-1) ?? "root").replace(/^(user|assumed-role|federated-user)\//, "");
}

/** The same build once more, of the project as it then was. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_RetryBuild.html */
export function retryBuild(
  codeBuild: CodeBuild,
  input: RetryBuildCommandInput,
  principal: Principal,
  tokens: IdempotencyTokens,
): Build {
  const { idempotencyToken, ...request } = input;
  const earlier = codeBuild.store.builds.get(tokens.find(idempotencyToken, request) ?? "");
  if (earlier !== undefined) return describeBuild(earlier);
  const again = restart(codeBuild, getBuild(codeBuild.store, input.id), principal);
  tokens.keep(idempotencyToken, request, again.id);
  return describeBuild(again);
}

function restart(codeBuild: CodeBuild, build: BuildRecord, principal: Principal): BuildRecord {
  if (build.status === "IN_PROGRESS") throw invalid("Cannot retry a build that is in progress");
  if (build.source.type === "CODEPIPELINE") throw invalid("Cannot retry a build that a pipeline started");
  const project = getProject(codeBuild.store, build.projectName);
  const { source, artifacts, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes } = build;
  const again = { source, artifacts, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes };
  const { secondarySources = [], secondarySourceVersions = [], secondaryArtifacts = [], cache, encryptionKey } = build;
  const { fileSystemLocations = [] } = build;
  const overridden = { secondarySources, secondarySourceVersions, secondaryArtifacts, cache, encryptionKey };
  const then = withoutUndefined({ ...overridden, fileSystemLocations });
  const settings = { ...project.settings, ...then } as typeof project.settings;
  const { sourceVersion } = build;
  const changes = { initiator: initiatorOf(principal), ...(sourceVersion === undefined ? {} : { sourceVersion }) };
  return codeBuild.start({ ...project, ...again, settings }, changes, {});
}
