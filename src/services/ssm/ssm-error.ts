import { AwsError } from "../../aws-api/aws-error.ts";

type ErrorName =
  | "AccessDeniedException"
  | "HierarchyLevelLimitExceededException"
  | "HierarchyTypeMismatchException"
  | "InvalidAllowedPatternException"
  | "InvalidFilterKey"
  | "InvalidFilterOption"
  | "InvalidFilterValue"
  | "InvalidKeyId"
  | "InvalidNextToken"
  | "InvalidResourceId"
  | "InvalidResourceType"
  | "ParameterAlreadyExists"
  | "ParameterMaxVersionLimitExceeded"
  | "ParameterNotFound"
  | "ParameterPatternMismatchException"
  | "ParameterVersionLabelLimitExceeded"
  | "ParameterVersionNotFound"
  | "UnsupportedParameterType"
  | "ValidationException";

export function ssmError(name: ErrorName, message: string): AwsError {
  return new AwsError(name, message);
}

/** AWS gives this error no words. */
export function parameterNotFound(): AwsError {
  return ssmError("ParameterNotFound", "");
}

/** The words of AWS for one member that breaks its constraint. */
export function constraintError(value: unknown, member: string, constraint: string): AwsError {
  const message = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
  return ssmError("ValidationException", message);
}

export function unsupported(what: string): AwsError {
  return ssmError("ValidationException", `Chubo does not support ${what} yet (see docs/deviations.md)`);
}
