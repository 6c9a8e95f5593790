import type { StartBuildBatchCommandInput } from "@aws-sdk/client-codebuild";
import type { Principal } from "../../../aws-api/service.ts";
import type { BatchRecord } from "../batch/batch.ts";
import type { CodeBuild } from "../codebuild.ts";
import { checkOverrides, withOverrides } from "./build-overrides.ts";
import { getProject } from "./find-records.ts";
import type { IdempotencyTokens } from "./idempotency-tokens.ts";
import { invalid } from "./project-input.ts";
import { initiatorOf } from "./start-build.ts";

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuildBatch.html */
export function startBatch(
  codeBuild: CodeBuild,
  input: StartBuildBatchCommandInput,
  principal: Principal,
  tokens: IdempotencyTokens,
): BatchRecord {
  checkOverrides(input, ["buildTimeoutInMinutesOverride", "buildBatchConfigOverride", "debugSessionEnabled"]);
  const { idempotencyToken, ...request } = input;
  const earlier = codeBuild.store.batches.get(tokens.find(idempotencyToken, request) ?? "");
  if (earlier !== undefined) return earlier;
  const stored = getProject(codeBuild.store, input.projectName);
  const project = withOverrides(stored, input);
  if (project.source.type === "CODEPIPELINE") {
    throw invalid("Cannot start batch build: a project with source type CODEPIPELINE is started by a pipeline");
  }
  const { sourceVersion, debugSessionEnabled = false } = input;
  const changes = {
    initiator: initiatorOf(principal),
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(debugSessionEnabled && { debugSessionEnabled }),
  };
  const batch = codeBuild.batches.start(project, changes, {});
  tokens.keep(idempotencyToken, request, batch.id);
  return batch;
}
