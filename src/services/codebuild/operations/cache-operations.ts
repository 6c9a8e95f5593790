import type * as Sdk from "@aws-sdk/client-codebuild";
import type { Operations } from "../../../aws-api/service.ts";
import type { CodeBuild } from "../codebuild.ts";
import { getProject, onProject } from "./find-records.ts";

export function cacheOperations(codeBuild: CodeBuild) {
  return {
    /** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_InvalidateProjectCache.html */
    InvalidateProjectCache: {
      permissions: (input, context) => onProject("InvalidateProjectCache", input.projectName, context),
      run(input) {
        codeBuild.invalidateCache(getProject(codeBuild.store, input.projectName));
        return {};
      },
    },
  } satisfies Operations<typeof Sdk>;
}
