import type * as Sdk from "@aws-sdk/client-sts";
import { AwsError } from "../../aws-api/aws-error.ts";

/** Throws what AWS says of an AssumeRole input that cannot be right, and names what is not supported. */
export function checkAssumeRoleInput(input: Sdk.AssumeRoleCommandInput): void {
  const { RoleArn: arn = "", RoleSessionName: name = "" } = input;
  for (const option of unsupportedOptions) {
    const value = input[option];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) throw unsupportedOption(option);
  }
  if (arn.length < 20) throw invalid(arn, "roleArn", "Member must have length greater than or equal to 20");
  if (name.length < 2) throw invalid(name, "roleSessionName", "Member must have length greater than or equal to 2");
  if (name.length > 64) throw invalid(name, "roleSessionName", "Member must have length less than or equal to 64");
  if (!/^[\w+=,.@-]*$/.test(name)) {
    throw invalid(name, "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  }
}

/** Seconds from `least` to `most`; `usual` where none are asked for. */
export function readDuration(seconds: number | undefined, least: number, most: number, usual: number): number {
  if (seconds === undefined) return usual;
  if (seconds < least) {
    throw invalid(String(seconds), "durationSeconds", `Member must have value greater than or equal to ${least}`);
  }
  if (seconds > most) {
    throw invalid(String(seconds), "durationSeconds", `Member must have value less than or equal to ${most}`);
  }
  return seconds;
}

/** They would limit or describe the session, so leaving them out would not be safe. */
const unsupportedOptions = [
  "Policy",
  "PolicyArns",
  "Tags",
  "TransitiveTagKeys",
  "SerialNumber",
  "TokenCode",
  "SourceIdentity",
  "ProvidedContexts",
] as const;

export function unsupportedOption(option: string): AwsError {
  const message = `Chubo does not support ${option} of a session yet (see docs/deviations.md)`;
  return new AwsError("ValidationError", message, { statusCode: 400 });
}

function invalid(value: string, member: string, constraint: string): AwsError {
  const message = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
  return new AwsError("ValidationError", message, { statusCode: 400 });
}
