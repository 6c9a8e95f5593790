import { AwsError } from "../../../aws-api/aws-error.ts";
import type { BuildRecord } from "../build.ts";
import type { BuildCollaborators } from "../collaborators.ts";

/**
 * Whether a build that has ended is to be built again by itself. CodeBuild calls RetryBuild in the name of the project's
 * service role, which must be allowed to. Builds of a pipeline are not retried, and those of a batch by RetryBuildBatch only.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/auto-retry-build.html
 */
export function isRetried(build: BuildRecord, collaborators: BuildCollaborators): boolean {
  const { autoRetry, status, source, batch } = build;
  if (autoRetry === undefined || autoRetry.number >= autoRetry.limit || status !== "FAILED") return false;
  if (source.type === "CODEPIPELINE" || batch !== undefined) return false;
  const { roles, authorize, observer } = collaborators;
  try {
    const credential = roles.assume(build.serviceRole, `AWSCodeBuild-${build.id.split(":").at(-1)}`);
    try {
      const project = build.arn.replace(/:build\/.*/, `:project/${build.projectName}`);
      authorize("codebuild:RetryBuild", project, credential.principal);
    } finally {
      roles.revoke(credential.accessKeyId);
    }
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    observer.onNote(build, `not retried, though autoRetryLimit is ${autoRetry.limit}: ${error.message}`);
    return false;
  }
}
