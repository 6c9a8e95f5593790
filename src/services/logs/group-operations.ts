import type * as Sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import { logStreamArn } from "./logs-arn.ts";
import { alreadyExists, constraintFailure, invalidParameter, notFound } from "./logs-error.ts";
import { checkGroupName, checkLimit, getGroup, refuseMembers } from "./logs-input.ts";
import { addGroup, groupKey, type LogGroupRecord, listStreams, removeStream } from "./logs-store.ts";
import { type LogsDeps, onGroup, onResource } from "./operation-row.ts";
import { pageOf } from "./page.ts";

const retentions = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];
const maxTags = 50;

export function groupOperations(deps: LogsDeps) {
  const { logs } = deps;
  const put = (group: LogGroupRecord) => logs.groups.put(groupKey(group.region, group.name), group);
  return {
    CreateLogGroup: onGroup((input, context) => createLogGroup(deps, input, context)),
    DeleteLogGroup: onGroup((input, { region }) => {
      const group = getGroup(logs, region, input);
      logs.transaction(() => {
        for (const stream of listStreams(logs, group)) removeStream(logs, stream);
        logs.groups.delete(groupKey(region, group.name));
      });
      return {};
    }),
    DescribeLogGroups: onResource(
      ({ logGroupNamePrefix: prefix = "" }: Sdk.DescribeLogGroupsRequest, context) => logStreamArn(context, prefix),
      (input, context) => describeLogGroups(deps, input, context),
    ),
    PutRetentionPolicy: onGroup((input, { region }) => {
      const { retentionInDays: days = 0 } = input;
      if (!retentions.includes(days)) {
        const allowed = `Member must satisfy enum value set: [${retentions.join(", ")}]`;
        throw constraintFailure(String(days), "retentionInDays", allowed);
      }
      put({ ...getGroup(logs, region, input), retentionInDays: days });
      return {};
    }),
    DeleteRetentionPolicy: onGroup((input, { region }) => {
      const { retentionInDays: _, ...group } = getGroup(logs, region, input);
      put(group);
      return {};
    }),
    ListTagsForResource: onArn((input: Sdk.ListTagsForResourceRequest, context) => ({
      tags: getGroupByArn(deps, input.resourceArn, context).tags,
    })),
    TagResource: onArn((input: Sdk.TagResourceRequest, context) => {
      const group = getGroupByArn(deps, input.resourceArn, context);
      put({ ...group, tags: checkTags({ ...group.tags, ...input.tags }) });
      return {};
    }),
    UntagResource: onArn((input: Sdk.UntagResourceRequest, context) => {
      const group = getGroupByArn(deps, input.resourceArn, context);
      const kept = Object.entries(group.tags).filter(([key]) => !input.tagKeys?.includes(key));
      put({ ...group, tags: Object.fromEntries(kept) });
      return {};
    }),
  } satisfies Operations<typeof Sdk>;
}

/** Tags are the one thing whose permission is on the group's ARN without a stream. */
function onArn<Input extends { resourceArn: string | undefined }, Output>(
  run: (input: Input, context: CallContext) => Output,
) {
  return onResource(({ resourceArn: arn = "*" }: Input) => arn, run);
}

function createLogGroup({ logs, now }: LogsDeps, input: Sdk.CreateLogGroupRequest, context: CallContext) {
  const name = checkGroupName(input.logGroupName);
  refuseMembers(input, ["kmsKeyId", "deletionProtectionEnabled"]);
  if (input.logGroupClass !== undefined && input.logGroupClass !== "STANDARD") {
    throw invalidParameter(`Chubo does not support the log group class ${input.logGroupClass}.`);
  }
  if (logs.groups.get(groupKey(context.region, name))) throw alreadyExists("log group");
  addGroup(logs, context, { name, tags: checkTags(input.tags ?? {}), now: now() });
  return {};
}

function describeLogGroups(
  { logs }: LogsDeps,
  input: Sdk.DescribeLogGroupsRequest,
  { region }: CallContext,
): Sdk.DescribeLogGroupsResponse {
  refuseMembers(input, ["accountIdentifiers", "includeLinkedAccounts", "logGroupIdentifiers"]);
  const { logGroupNamePrefix: prefix = "", logGroupNamePattern: pattern = "", logGroupClass = "STANDARD" } = input;
  if (prefix !== "" && pattern !== "") {
    throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  const limit = checkLimit(input.limit, { preset: 50, max: 50 });
  const groups = logs.groups
    .list(groupKey(region, prefix))
    .filter((group) => logGroupClass === "STANDARD" && group.name.toLowerCase().includes(pattern.toLowerCase()));
  const { items, ...page } = pageOf(groups, (group) => group.name, { nextToken: input.nextToken, limit });
  return {
    logGroups: items.map((group) => ({
      logGroupName: group.name,
      creationTime: group.creationTime,
      ...(group.retentionInDays !== undefined && { retentionInDays: group.retentionInDays }),
      metricFilterCount: 0,
      arn: `${group.arn}:*`,
      storedBytes: listStreams(logs, group).reduce((sum, stream) => sum + stream.storedBytes, 0),
      logGroupClass: "STANDARD",
      logGroupArn: group.arn,
    })),
    ...page,
  };
}

function getGroupByArn({ logs }: LogsDeps, arn: string | undefined, { region }: CallContext): LogGroupRecord {
  const name = /^arn:aws[a-z-]*:logs:[^:]*:\d{12}:log-group:([^:]+)$/.exec(arn ?? "")?.[1];
  if (name === undefined) throw invalidParameter(`The ARN ${arn} is not that of a log group.`);
  const group = logs.groups.get(groupKey(region, name));
  if (group?.arn !== arn) throw notFound("log group");
  return group as LogGroupRecord;
}

function checkTags(tags: Record<string, string>): Record<string, string> {
  const count = Object.keys(tags).length;
  if (count > maxTags) throw invalidParameter(`A log group can have at most ${maxTags} tags, not ${count}.`);
  return tags;
}
