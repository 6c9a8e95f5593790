import { AwsError } from "../../aws-api/aws-error.ts";

type ErrorName =
  | "InvalidNextTokenException"
  | "InvalidParameterException"
  | "InvalidRequestException"
  | "ResourceExistsException"
  | "ResourceNotFoundException"
  | "ValidationException";

export function secretsManagerError(name: ErrorName, message: string): AwsError {
  return new AwsError(name, message);
}

export function unsupported(what: string): AwsError {
  return secretsManagerError(
    "InvalidParameterException",
    `Chubo does not support ${what} yet (see docs/deviations.md)`,
  );
}
