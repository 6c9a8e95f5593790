import { AwsError } from "../../aws-api/aws-error.ts";
import { UsageError } from "../../usage-error.ts";

/** Why a resource failed, in CloudFormation's words; undefined for what is a defect rather than a failure. */
export function findFailureReason(error: unknown, requestToken: string): string | undefined {
  if (error instanceof UsageError) return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  if (!(error instanceof AwsError)) return undefined;
  const code = handlerErrorCode(error.name);
  return `Resource handler returned message: "${error.message}" (RequestToken: ${requestToken}, HandlerErrorCode: ${code})`;
}

/** https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html */
function handlerErrorCode(name: string): string {
  if (/AlreadyExists|AlreadyOwnedByYou|EntityAlreadyExists|ResourceExists/.test(name)) return "AlreadyExists";
  if (/AccessDenied|Unauthorized|NotAuthorized/.test(name)) return "AccessDenied";
  if (/NotFound|NoSuch|DoesNotExist/.test(name)) return "NotFound";
  if (/LimitExceeded|TooMany/.test(name)) return "ServiceLimitExceeded";
  if (/Invalid|Validation|Malformed|ClientException/.test(name)) return "InvalidRequest";
  return "GeneralServiceException";
}
