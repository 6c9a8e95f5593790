import { AwsError } from "../../../aws-api/aws-error.ts";

/** The words of AWS's services for one member that breaks its constraint. */
export function constraintError(value: unknown, member: string, constraint: string): AwsError {
  const message = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
  return new AwsError("ValidationException", message, { statusCode: 400 });
}

export function checkEnum(value: string | undefined, member: string, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw constraintError(value, member, `Member must satisfy enum value set: [${allowed.join(", ")}]`);
}

export function checkRange(value: number | undefined, member: string, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  const bound = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  throw constraintError(value, member, `Member must have value ${bound}`);
}

/** Of a list or a text. */
export function checkLength(value: string | readonly string[] | undefined, member: string, most: number): void {
  if (value === undefined || (value.length >= 1 && value.length <= most)) return;
  const shown = typeof value === "string" ? value : `[${value.join(", ")}]`;
  const bound = value.length < 1 ? "greater than or equal to 1" : `less than or equal to ${most}`;
  throw constraintError(shown, member, `Member must have length ${bound}`);
}
