import type * as Sdk from "@aws-sdk/client-codebuild";
import type { CallContext, Operations, Permission } from "../../../aws-api/service.ts";
import { type BatchRecord, describeBatch } from "../batch/batch.ts";
import type { CodeBuild } from "../codebuild.ts";
import { batchIdOf, getBatch, getProject, lookUp, onBuild, onProject, pageOf } from "./find-records.ts";
import { openIdempotencyTokens } from "./idempotency-tokens.ts";
import { invalid } from "./project-input.ts";
import { startBatch } from "./start-build-batch.ts";

export function batchOperations(codeBuild: CodeBuild, now: () => Date) {
  const { store, batches } = codeBuild;
  const [startTokens, retryTokens] = [openIdempotencyTokens(now), openIdempotencyTokens(now)];
  return {
    StartBuildBatch: {
      permissions: (input, context) => onProject("StartBuildBatch", input.projectName, context),
      run: (input, { principal }) => ({
        buildBatch: describeBatch(startBatch(codeBuild, input, principal, startTokens)),
      }),
    },
    RetryBuildBatch: {
      permissions: (input, context) => onBuild("RetryBuildBatch", input.id, context),
      run(input) {
        const { idempotencyToken, ...request } = input;
        const batch = getBatch(store, input.id);
        if (retryTokens.find(idempotencyToken, request) !== undefined) return { buildBatch: describeBatch(batch) };
        checkRetryable(batch);
        const retried = batches.retry(batch, input.retryType ?? "RETRY_ALL_BUILDS");
        retryTokens.keep(idempotencyToken, request, retried.id);
        return { buildBatch: describeBatch(retried) };
      },
    },
    StopBuildBatch: {
      permissions: (input, context) => onBuild("StopBuildBatch", input.id, context),
      // As for a build: one that has ended comes back unchanged.
      run(input) {
        const batch = getBatch(store, input.id);
        batches.stop(batch.id);
        return { buildBatch: describeBatch(batch) };
      },
    },
    DeleteBuildBatch: {
      permissions: (input, context) => onBuild("DeleteBuildBatch", input.id, context),
      run: (input) => deleteBatch(codeBuild, input.id),
    },
    BatchGetBuildBatches: {
      permissions: (input, context) => onBatches("BatchGetBuildBatches", input.ids, context),
      run(input) {
        const { found, missing } = lookUp(input.ids, (id) => store.batches.get(batchIdOf(id)));
        return { buildBatches: found.map(describeBatch), buildBatchesNotFound: missing };
      },
    },
    ListBuildBatches: {
      permissions: () => [{ action: "codebuild:ListBuildBatches", resource: "*" }],
      run: (input) => listIds(store.batches.list(), input),
    },
    ListBuildBatchesForProject: {
      permissions: (input, context) => onProject("ListBuildBatchesForProject", input.projectName, context),
      run: (input) => listIds(store.batches.list(`${getProject(store, input.projectName).name}:`), input),
    },
  } satisfies Operations<typeof Sdk>;
}

function onBatches(operation: string, ids: readonly string[] | undefined, context: CallContext): Permission[] {
  return (ids ?? []).flatMap((id) => onBuild(operation, id, context));
}

/** AWS retries failed batches only; its words are not known. */
function checkRetryable({ status, id, project }: BatchRecord): void {
  if (project.source.type === "CODEPIPELINE") throw invalid("Cannot retry a batch build that a pipeline started");
  if (status === "IN_PROGRESS") throw invalid(`Cannot retry a batch build that is in progress: ${id}`);
  if (status === "SUCCEEDED") throw invalid(`Only batch builds that have failed can be retried: ${id}`);
}

/** The batch and its builds. The status codes follow those of BatchDeleteBuilds; AWS's are not documented. */
function deleteBatch({ store }: CodeBuild, id: string | undefined): Sdk.DeleteBuildBatchOutput {
  const batch = store.batches.get(batchIdOf(id ?? ""));
  if (batch === undefined) return { statusCode: "NOT_FOUND", buildsDeleted: [], buildsNotDeleted: [] };
  if (batch.status === "IN_PROGRESS") {
    return { statusCode: "BATCH_IN_PROGRESS", buildsDeleted: [], buildsNotDeleted: [] };
  }
  const built = batch.groups.flatMap(({ current, prior }) => (current === undefined ? prior : [...prior, current]));
  const buildsDeleted: string[] = [];
  for (const { buildId, arn } of built) {
    if (store.builds.get(buildId) === undefined) continue;
    store.builds.delete(buildId);
    buildsDeleted.push(arn);
  }
  store.batches.delete(batch.id);
  return { statusCode: "SUCCESS", buildsDeleted, buildsNotDeleted: [] };
}

/** The newest first, unless asked otherwise. */
function listIds(
  batches: BatchRecord[],
  { filter, maxResults, sortOrder, nextToken }: Sdk.ListBuildBatchesInput,
): Sdk.ListBuildBatchesOutput {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > 100)) {
    throw invalid("Invalid maxResults: value must be between 1 and 100");
  }
  const ids = batches
    .filter(({ status }) => filter?.status === undefined || filter.status === status)
    .toSorted((one, other) => other.startTime - one.startTime)
    .map(({ id }) => id);
  const { page, next } = pageOf(sortOrder === "ASCENDING" ? ids.reverse() : ids, nextToken, maxResults);
  return { ids: page, ...(next === undefined ? {} : { nextToken: next }) };
}
