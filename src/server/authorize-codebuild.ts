import { AwsError } from "../aws-api/aws-error.ts";
import type { Authorizer, Principal } from "../aws-api/service.ts";

export interface CodeBuildAuthorizationOptions {
  account: string;
  region: string;
}

/** What CodeBuild calls by itself in a role's name (a batch's builds, retries) is decided by that role's policies. */
export function authorizeCodeBuild(
  { account, region }: CodeBuildAuthorizationOptions,
  { iam, newUuid }: { iam: { authorizer: Authorizer }; newUuid(): string },
) {
  return (action: string, resource: string, principal: Principal): void => {
    const [service = "", operation = ""] = action.split(":");
    const context = { service, operation, requestId: newUuid(), region, account, principal };
    const denial = iam.authorizer.authorize(context, [{ action, resource }]);
    if (denial !== undefined) throw new AwsError("AccessDeniedException", denial.message);
  };
}
