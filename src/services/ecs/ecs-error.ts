import { AwsError } from "../../aws-api/aws-error.ts";

/** ECS's name for nearly everything that a caller does wrong. */
export function clientError(message: string): AwsError {
  return new AwsError("ClientException", message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}
