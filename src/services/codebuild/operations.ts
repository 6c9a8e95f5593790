import type * as Sdk from "@aws-sdk/client-codebuild";
import type { Operations } from "../../aws-api/service.ts";
import type { CodeBuild } from "./codebuild.ts";
import { buildOperations } from "./operations/build-operations.ts";
import { cacheOperations } from "./operations/cache-operations.ts";
import { projectOperations } from "./operations/project-operations.ts";

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Operations.html */
export function codeBuildOperations(codeBuild: CodeBuild, now: () => Date): Operations<typeof Sdk> {
  return { ...projectOperations(codeBuild, now), ...buildOperations(codeBuild, now), ...cacheOperations(codeBuild) };
}
