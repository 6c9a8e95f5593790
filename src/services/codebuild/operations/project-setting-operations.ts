import type * as Sdk from "@aws-sdk/client-codebuild";
import type { Operations } from "../../../aws-api/service.ts";
import type { CodeBuildStore } from "../codebuild-store.ts";
import { checkEnum } from "./constraint.ts";
import { curatedPlatforms } from "./curated-images.ts";
import { getProject, onProject } from "./find-records.ts";
import { invalid } from "./project-input.ts";

export function projectSettingOperations(store: CodeBuildStore) {
  return {
    UpdateProjectVisibility: {
      permissions: (input, context) => onProject("UpdateProjectVisibility", input.projectArn, context),
      run({ projectArn, projectVisibility }) {
        const { arn } = getProject(store, projectArn);
        checkEnum(projectVisibility, "projectVisibility", ["PUBLIC_READ", "PRIVATE"]);
        if (projectVisibility === "PUBLIC_READ") {
          throw invalid(
            "Chubo does not support projectVisibility PUBLIC_READ: it has no public site (see docs/deviations.md)",
          );
        }
        return { projectArn: arn, projectVisibility };
      },
    },
    ListCuratedEnvironmentImages: {
      permissions: () => [{ action: "codebuild:ListCuratedEnvironmentImages", resource: "*" }],
      run: () => ({ platforms: curatedPlatforms() }),
    },
  } satisfies Operations<typeof Sdk>;
}
