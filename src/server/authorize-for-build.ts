import { AwsError } from "../aws-api/aws-error.ts";
import type { Authorizer, Principal } from "../aws-api/service.ts";

/** Asks whether a build's role may do what its agent does for it, outside of any operation. */
export function authorizeForBuild(
  authorizer: Authorizer,
  { account, region, newRequestId }: { account: string; region: string; newRequestId(): string },
) {
  return (action: string, resource: string, principal: Principal): void => {
    const [service = "", operation = ""] = action.split(":");
    const context = { service, operation, requestId: newRequestId(), region, account, principal };
    const denial = authorizer.authorize(context, [{ action, resource }]);
    if (denial !== undefined) throw new AwsError("AccessDeniedException", denial.message);
  };
}
