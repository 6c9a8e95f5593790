import { AwsError } from "../../aws-api/aws-error.ts";

export function malformed(message: string, cause?: unknown): AwsError {
  return new AwsError("MalformedPolicyDocumentException", message, { cause });
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntityException", message);
}

export function alreadyExists(message: string): AwsError {
  return new AwsError("EntityAlreadyExistsException", message);
}

export function deleteConflict(message: string): AwsError {
  return new AwsError("DeleteConflictException", message);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError("LimitExceededException", message);
}

/** A common error of the query protocol that is in no operation's schema. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message, { statusCode: 400 });
}
