import { AwsError } from "../../aws-api/aws-error.ts";

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

/** A member's value against its constraint, in AWS's sentence. */
export function constraintFailure(value: string, member: string, constraint: string): AwsError {
  return invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

export function notFound(kind: "log group" | "log stream"): AwsError {
  return new AwsError("ResourceNotFoundException", `The specified ${kind} does not exist.`);
}

export function alreadyExists(kind: "log group" | "log stream"): AwsError {
  return new AwsError("ResourceAlreadyExistsException", `The specified ${kind} already exists`);
}
