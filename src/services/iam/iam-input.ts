import type { Tag } from "@aws-sdk/client-iam";
import { limitExceeded, validationError } from "./iam-error.ts";

const namePattern = /^[\w+=,.@-]+$/;

/** The value of a required member: a name of IAM's characters, at most `max` long. Member names in lower camel case. */
export function checkName(value: string | undefined, member: string, max: number): string {
  const given = requireValue(value, member);
  const failure =
    given.length > max
      ? `Member must have length less than or equal to ${max}`
      : namePattern.test(given)
        ? undefined
        : "Member must satisfy regular expression pattern: [\\w+=,.@-]+";
  if (failure !== undefined) throw constraintFailure(given, member, failure);
  return given;
}

export function requireValue<T>(value: T | undefined, member: string): T {
  if (value === undefined || value === "") throw constraintFailure("null", member, "Member must not be null");
  return value;
}

export function checkPath(path = "/"): string {
  if (path.length <= 512 && /^(\/|\/[\u0021-\u007e]+\/)$/.test(path)) return path;
  throw validationError(
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  );
}

export function checkSessionDuration(seconds = 3600): number {
  const failure =
    seconds < 3600 ? "greater than or equal to 3600" : seconds > 43200 ? "less than or equal to 43200" : "";
  if (failure === "") return seconds;
  throw constraintFailure(String(seconds), "maxSessionDuration", `Member must have value ${failure}`);
}

const maxTags = 50;

/** The tags after those given are added. */
export function addTags(present: Record<string, string>, given: readonly Tag[] = []): Record<string, string> {
  const tags = { ...present };
  for (const { Key: key, Value: value } of given) {
    tags[requireValue(key, "tags.1.member.key")] = value ?? "";
  }
  if (Object.keys(tags).length > maxTags) {
    throw limitExceeded(`The number of tags has reached the maximum limit of ${maxTags}.`);
  }
  return tags;
}

export function listTags(tags: Record<string, string>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function constraintFailure(value: string, member: string, constraint: string) {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
