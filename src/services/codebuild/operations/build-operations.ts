import type * as Sdk from "@aws-sdk/client-codebuild";
import type { Operations } from "../../../aws-api/service.ts";
import { type BuildRecord, describeBuild } from "../build.ts";
import type { CodeBuild } from "../codebuild.ts";
import { checkEnum, checkLength } from "./constraint.ts";
import { buildIdOf, getBuild, getProject, lookUp, onBuild, onProject, pageOf } from "./find-records.ts";
import { openIdempotencyTokens } from "./idempotency-tokens.ts";
import { invalid } from "./project-input.ts";
import { retryBuild, startBuild } from "./start-build.ts";

export function buildOperations(codeBuild: CodeBuild, now: () => Date) {
  const { store } = codeBuild;
  const tokens = openIdempotencyTokens(now);
  const retryTokens = openIdempotencyTokens(now);
  return {
    StartBuild: {
      permissions: (input, context) => onProject("StartBuild", input.projectName, context),
      run: (input, context) => ({ build: startBuild(codeBuild, input, context.principal, tokens) }),
    },
    RetryBuild: {
      permissions: (input, context) => onBuild("RetryBuild", input.id, context),
      run: (input, context) => ({ build: retryBuild(codeBuild, input, context.principal, retryTokens) }),
    },
    StopBuild: {
      permissions: (input, context) => onBuild("StopBuild", input.id, context),
      // A build that has ended comes back unchanged, and this is no error.
      run(input) {
        const build = getBuild(store, input.id);
        codeBuild.stop(build.id);
        return { build: describeBuild(build) };
      },
    },
    BatchGetBuilds: {
      permissions: (input, context) => (input.ids ?? []).flatMap((id) => onBuild("BatchGetBuilds", id, context)),
      run(input) {
        checkIds(input.ids);
        const { found, missing } = lookUp(input.ids, (id) => store.builds.get(buildIdOf(id)));
        return { builds: found.map(describeBuild), buildsNotFound: missing };
      },
    },
    BatchDeleteBuilds: {
      permissions: (input, context) => (input.ids ?? []).flatMap((id) => onBuild("BatchDeleteBuilds", id, context)),
      run(input) {
        checkIds(input.ids);
        return deleteBuilds(codeBuild, input.ids ?? []);
      },
    },
    ListBuilds: {
      permissions: () => [{ action: "codebuild:ListBuilds", resource: "*" }],
      run: (input) => listIds(store.builds.list(), input),
    },
    ListBuildsForProject: {
      permissions: (input, context) => onProject("ListBuildsForProject", input.projectName, context),
      run: (input) => listIds(store.builds.list(`${getProject(store, input.projectName).name}:`), input),
    },
  } satisfies Operations<typeof Sdk>;
}

/** The sentence is AWS's. */
function checkIds(ids: readonly string[] | undefined): void {
  if (ids?.length === 0) throw invalid("The input build ID list cannot be empty.");
  checkLength(ids, "ids", 100);
}

function deleteBuilds({ store }: CodeBuild, ids: readonly string[]): Sdk.BatchDeleteBuildsOutput {
  const buildsDeleted: string[] = [];
  const buildsNotDeleted: Sdk.BuildNotDeleted[] = [];
  for (const id of ids) {
    const build = store.builds.get(buildIdOf(id));
    if (build === undefined) buildsNotDeleted.push({ id, statusCode: "NOT_FOUND" });
    else if (build.status === "IN_PROGRESS") buildsNotDeleted.push({ id, statusCode: "BUILD_IN_PROGRESS" });
    else {
      store.builds.delete(build.id);
      buildsDeleted.push(build.arn);
    }
  }
  return { buildsDeleted, buildsNotDeleted };
}

/** The newest first, unless asked otherwise. */
function listIds(
  builds: BuildRecord[],
  { sortOrder, nextToken }: Pick<Sdk.ListBuildsInput, "sortOrder" | "nextToken">,
) {
  checkEnum(sortOrder, "sortOrder", ["ASCENDING", "DESCENDING"]);
  const ids = builds.toSorted((one, other) => other.startTime - one.startTime).map(({ id }) => id);
  const { page, next } = pageOf(sortOrder === "ASCENDING" ? ids.reverse() : ids, nextToken);
  return { ids: page, ...(next === undefined ? {} : { nextToken: next }) };
}
