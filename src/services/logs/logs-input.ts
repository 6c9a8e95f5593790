import { constraintFailure, invalidParameter, notFound } from "./logs-error.ts";
import { groupKey, type LogGroupRecord, type LogStreamRecord, type LogsStore, streamKey } from "./logs-store.ts";

const maxNameLength = 512;
const groupPattern = /^[.\-_/#A-Za-z0-9]+$/;
const streamPattern = /^[^:*]+$/;

export function checkGroupName(name: string | undefined): string {
  const given = checkName(name, "logGroupName", groupPattern, "[\\.\\-_/#A-Za-z0-9]+");
  if (given.toLowerCase().startsWith("aws/"))
    throw invalidParameter("Log groups starting with AWS/ are reserved for AWS.");
  return given;
}

export function checkStreamName(name: string | undefined): string {
  return checkName(name, "logStreamName", streamPattern, "[^:*]*");
}

function checkName(name: string | undefined, member: string, pattern: RegExp, written: string): string {
  if (name === undefined) throw constraintFailure("null", member, "Member must not be null");
  if (name.length < 1) throw constraintFailure(name, member, "Member must have length greater than or equal to 1");
  if (name.length > maxNameLength) {
    throw constraintFailure(name, member, `Member must have length less than or equal to ${maxNameLength}`);
  }
  if (!pattern.test(name)) {
    throw constraintFailure(name, member, `Member must satisfy regular expression pattern: ${written}`);
  }
  return name;
}

export function checkLimit(limit: number | undefined, { preset, max }: { preset: number; max: number }): number {
  if (limit === undefined) return preset;
  if (limit < 1) throw constraintFailure(String(limit), "limit", "Member must have value greater than or equal to 1");
  if (limit > max)
    throw constraintFailure(String(limit), "limit", `Member must have value less than or equal to ${max}`);
  return limit;
}

export interface GroupReference {
  logGroupName?: string | undefined;
  /** A name or an ARN. */
  logGroupIdentifier?: string | undefined;
}

/** The group's name, without asking whether it exists. */
export function groupNameOf({ logGroupName: name, logGroupIdentifier: identifier }: GroupReference): string {
  if (name !== undefined && identifier !== undefined) {
    throw invalidParameter("LogGroupName and LogGroupIdentifier cannot be specified at the same time");
  }
  if (identifier?.startsWith("arn:")) return identifier.split(":")[6] ?? "";
  return name ?? identifier ?? "";
}

export function getGroup(store: LogsStore, region: string, reference: GroupReference): LogGroupRecord {
  const group = store.groups.get(groupKey(region, checkGroupName(groupNameOf(reference) || undefined)));
  if (group === undefined) throw notFound("log group");
  return group;
}

export function getStream(store: LogsStore, group: LogGroupRecord, name: string | undefined): LogStreamRecord {
  const stream = store.streams.get(streamKey(group.region, group.name, checkStreamName(name)));
  if (stream === undefined) throw notFound("log stream");
  return stream;
}

/** Members that would change what happens and are not there: refused by name instead of ignored. */
export function refuseMembers(input: object, members: readonly string[]): void {
  for (const member of members) {
    const value = (input as Record<string, unknown>)[member];
    if (value !== undefined && value !== false) throw invalidParameter(`Chubo does not support ${member}.`);
  }
}
