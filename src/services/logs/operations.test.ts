import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallContext } from "../../aws-api/service.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { openLogsStore } from "./logs-store.ts";
import { logsOperations } from "./operations.ts";

const account = "123456789012";
const region = "eu-west-1";
const context: CallContext = {
  service: "logs",
  operation: "CreateLogGroup",
  requestId: "1",
  region,
  account,
  principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
};
const now = Date.parse("2026-11-24T00:00:00Z");
const day = 24 * 3_600_000;
const group = { logGroupName: "/aws/codebuild/app" };
const groupArn = `arn:aws:logs:${region}:${account}:log-group:/aws/codebuild/app`;

function open() {
  return logsOperations({ logs: openLogsStore(openSqliteStore(":memory:")), now: () => new Date(now) });
}

function openWithStreams(...logStreamNames: string[]) {
  const operations = open();
  operations.CreateLogGroup.run(group, context);
  for (const logStreamName of logStreamNames) operations.CreateLogStream.run({ ...group, logStreamName }, context);
  const put = (logStreamName: string, events: [timestamp: number, message: string][]) =>
    operations.PutLogEvents.run(
      { ...group, logStreamName, logEvents: events.map(([timestamp, message]) => ({ timestamp, message })) },
      context,
    );
  return { ...operations, put };
}

test("a group is created once and described with both of its ARNs", () => {
  const operations = open();
  operations.CreateLogGroup.run({ ...group, tags: { team: "web" } }, context);
  assert.throws(() => operations.CreateLogGroup.run(group, context), {
    name: "ResourceAlreadyExistsException",
    message: "The specified log group already exists",
  });
  assert.deepEqual(operations.DescribeLogGroups.run({ logGroupNamePrefix: "/aws" }, context).logGroups, [
    {
      logGroupName: "/aws/codebuild/app",
      creationTime: now,
      metricFilterCount: 0,
      arn: `${groupArn}:*`,
      storedBytes: 0,
      logGroupClass: "STANDARD",
      logGroupArn: groupArn,
    },
  ]);
  assert.deepEqual(operations.ListTagsForResource.run({ resourceArn: groupArn }, context).tags, { team: "web" });
});

test("groups and streams that are not there are reported in AWS's words", () => {
  const message = "The specified log group does not exist.";
  assert.throws(() => open().DescribeLogStreams.run(group, context), { name: "ResourceNotFoundException", message });
  assert.throws(() => openWithStreams().GetLogEvents.run({ ...group, logStreamName: "x" }, context), {
    name: "ResourceNotFoundException",
    message: "The specified log stream does not exist.",
  });
});

test("names outside of AWS's limits and members that are not supported are refused", () => {
  const create = (input: object) => () => open().CreateLogGroup.run({ ...group, ...input }, context);
  assert.throws(create({ logGroupName: "a b" }), { name: "InvalidParameterException", message: /'logGroupName'/ });
  assert.throws(create({ logGroupName: "aws/x" }), { message: /reserved for AWS/ });
  assert.throws(create({ kmsKeyId: "k" }), { message: "Chubo does not support kmsKeyId." });
  assert.throws(create({ logGroupClass: "DELIVERY" }), { message: /log group class DELIVERY/ });
  assert.throws(() => openWithStreams("a:b"), { message: /'logStreamName'/ });
});

test("a group is in its region alone", () => {
  const operations = openWithStreams();
  assert.deepEqual(operations.DescribeLogGroups.run({}, { ...context, region: "us-east-1" }).logGroups, []);
});

test("events of a stream are read from its end by default, and from its head on demand", () => {
  const { put, GetLogEvents } = openWithStreams("s");
  put("s", [
    [now, "1"],
    [now + 1, "2"],
    [now + 2, "3"],
  ]);
  const read = (input: object) => GetLogEvents.run({ ...group, logStreamName: "s", limit: 2, ...input }, context);
  const messages = (output: ReturnType<typeof read>) => output.events?.map(({ message }) => message);
  const tail = read({});
  assert.deepEqual(messages(tail), ["2", "3"]);
  assert.deepEqual(messages(read({ nextToken: tail.nextBackwardToken })), ["1"]);
  const head = read({ startFromHead: true });
  assert.deepEqual(messages(head), ["1", "2"]);
  assert.deepEqual(messages(read({ nextToken: head.nextForwardToken })), ["3"]);
  assert.deepEqual(messages(read({ startTime: now + 1, endTime: now + 2 })), ["2"]);
});

test("at the end of a stream the forward token stays the same, and later events come after it", () => {
  const { put, GetLogEvents } = openWithStreams("s");
  const read = (nextToken?: string) =>
    GetLogEvents.run({ ...group, logStreamName: "s", startFromHead: true, ...(nextToken && { nextToken }) }, context);
  const empty = read();
  assert.equal(read(empty.nextForwardToken).nextForwardToken, empty.nextForwardToken);
  put("s", [[now, "1"]]);
  const first = read(empty.nextForwardToken);
  assert.deepEqual(first.events, [{ timestamp: now, message: "1", ingestionTime: now }]);
  assert.equal(read(first.nextForwardToken).nextForwardToken, first.nextForwardToken);
  put("s", [[now, "2"]]);
  assert.deepEqual(
    read(first.nextForwardToken).events?.map(({ message }) => message),
    ["2"],
  );
});

test("events of several streams come interleaved by time, in pages", () => {
  const { put, FilterLogEvents } = openWithStreams("a", "b", "c");
  put("b", [
    [now + 1, "b1"],
    [now + 3, "b3"],
  ]);
  put("a", [
    [now, "a0"],
    [now + 1, "a1"],
    [now + 4, "a4"],
  ]);
  put("c", [[now + 2, "c2"]]);
  const filter = (input: object) => FilterLogEvents.run({ ...group, ...input }, context);
  const pages: (string | undefined)[][] = [];
  let nextToken: string | undefined;
  do {
    const page = filter({ limit: 2, ...(nextToken && { nextToken }) });
    pages.push(page.events?.map(({ message }) => message) ?? []);
    nextToken = page.nextToken;
  } while (nextToken);
  assert.deepEqual(pages, [
    ["a0", "a1"],
    ["b1", "c2"],
    ["b3", "a4"],
  ]);
  const messages = (input: object) => filter(input).events?.map(({ message }) => message);
  assert.deepEqual(messages({ logStreamNames: ["c", "b"] }), ["b1", "c2", "b3"]);
  assert.deepEqual(messages({ logStreamNamePrefix: "c" }), ["c2"]);
  assert.deepEqual(messages({ startTime: now + 2, endTime: now + 3 }), ["c2", "b3"]);
  assert.deepEqual(messages({ filterPattern: "?c2 ?a4" }), ["c2", "a4"]);
  const ids = filter({}).events?.map(({ eventId }) => eventId);
  assert.equal(new Set(ids).size, 6);
});

test("a page ends before a mebibyte", () => {
  const { put, FilterLogEvents } = openWithStreams("s");
  for (const index of [0, 1, 2]) put("s", [[now + index, String(index).repeat(400_000)]]);
  const first = FilterLogEvents.run(group, context);
  assert.equal(first.events?.length, 2);
  assert.equal(FilterLogEvents.run({ ...group, nextToken: first.nextToken }, context).events?.length, 1);
});

test("thousands of events over many chunks keep their order in both directions", () => {
  const { put, FilterLogEvents, GetLogEvents } = openWithStreams("s");
  for (let batch = 0; batch < 7; batch++) {
    put(
      "s",
      Array.from({ length: 333 }, (_, index) => [now + batch * 10, `${batch}-${index}`]),
    );
  }
  const expected = Array.from({ length: 7 * 333 }, (_, index) => `${Math.floor(index / 333)}-${index % 333}`);
  assert.deepEqual(
    FilterLogEvents.run(group, context).events?.map(({ message }) => message),
    expected,
  );
  const tail = GetLogEvents.run({ ...group, logStreamName: "s", limit: 1000 }, context);
  assert.deepEqual(
    tail.events?.map(({ message }) => message),
    expected.slice(-1000),
  );
});

test("a batch that breaks AWS's rules is refused whole", () => {
  const { put, GetLogEvents } = openWithStreams("s");
  assert.throws(() => put("s", []), { name: "InvalidParameterException", message: /'logEvents'/ });
  assert.throws(() => put("s", [[now, ""]]), { message: /'logEvents\.1\.member\.message'/ });
  assert.throws(
    () =>
      put("s", [
        [now, "b"],
        [now - 1, "a"],
      ]),
    { message: /must be in chronological order/ },
  );
  assert.throws(
    () =>
      put("s", [
        [now - 25 * 3_600_000, "a"],
        [now, "b"],
      ]),
    { message: /cannot span more than 24 hours/ },
  );
  assert.throws(() => put("s", [[now, "x".repeat(1_048_576)]]), { message: /Upload too large: 1048602 bytes/ });
  assert.deepEqual(GetLogEvents.run({ ...group, logStreamName: "s" }, context).events, []);
});

test("events that are too old or too new are left out and reported", () => {
  const { put, GetLogEvents } = openWithStreams("s");
  const old = put("s", [
    [now - 14 * day - 1, "old"],
    [now - 14 * day + 1, "kept"],
  ]);
  assert.deepEqual(old.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
  const early = put("s", [
    [now, "now"],
    [now + 3 * 3_600_000, "early"],
  ]);
  assert.deepEqual(early.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
  const messages = GetLogEvents.run({ ...group, logStreamName: "s" }, context).events?.map(({ message }) => message);
  assert.deepEqual(messages, ["kept", "now"]);
});

test("a retention hides older events, and only AWS's periods are taken", () => {
  const { put, PutRetentionPolicy, FilterLogEvents, DescribeLogGroups } = openWithStreams("s");
  put("s", [[now - 2 * day, "old"]]);
  put("s", [[now, "new"]]);
  PutRetentionPolicy.run({ ...group, retentionInDays: 1 }, context);
  assert.deepEqual(
    FilterLogEvents.run(group, context).events?.map(({ message }) => message),
    ["new"],
  );
  assert.equal(DescribeLogGroups.run({}, context).logGroups?.[0]?.retentionInDays, 1);
  assert.throws(() => PutRetentionPolicy.run({ ...group, retentionInDays: 2 }, context), {
    message: /'retentionInDays'/,
  });
});

test("streams are described by name or by their last event", () => {
  const { put, DescribeLogStreams } = openWithStreams("a", "b", "c");
  put("a", [[now + 2, "x"]]);
  put("b", [[now + 1, "x"]]);
  const names = (input: object) =>
    DescribeLogStreams.run({ ...group, ...input }, context).logStreams?.map(({ logStreamName }) => logStreamName);
  assert.deepEqual(names({}), ["a", "b", "c"]);
  assert.deepEqual(names({ orderBy: "LastEventTime", descending: true }), ["a", "b", "c"]);
  assert.deepEqual(names({ orderBy: "LastEventTime", descending: true, limit: 1 }), ["a"]);
  assert.deepEqual(names({ logStreamNamePrefix: "b" }), ["b"]);
  assert.throws(() => names({ logStreamNamePrefix: "b", orderBy: "LastEventTime" }), {
    message: "Cannot order by LastEventTime with a logStreamNamePrefix.",
  });
  const [stream] = DescribeLogStreams.run({ ...group, logStreamNamePrefix: "a" }, context).logStreams ?? [];
  assert.equal(stream?.arn, `${groupArn}:log-stream:a`);
  assert.equal(stream?.lastEventTimestamp, now + 2);
});

test("a deleted stream or group takes its events with it", () => {
  const operations = openWithStreams("s");
  operations.put("s", [[now, "x"]]);
  operations.DeleteLogStream.run({ ...group, logStreamName: "s" }, context);
  operations.CreateLogStream.run({ ...group, logStreamName: "s" }, context);
  assert.deepEqual(operations.FilterLogEvents.run(group, context).events, []);
  operations.put("s", [[now, "y"]]);
  operations.DeleteLogGroup.run(group, context);
  operations.CreateLogGroup.run(group, context);
  assert.deepEqual(operations.DescribeLogStreams.run(group, context).logStreams, []);
});

test("a group may be named by its ARN, but not in two ways at once", () => {
  const { FilterLogEvents } = openWithStreams("s");
  assert.deepEqual(FilterLogEvents.run({ logGroupIdentifier: groupArn }, context).events, []);
  assert.throws(() => FilterLogEvents.run({ ...group, logGroupIdentifier: groupArn }, context), {
    message: /cannot be specified at the same time/,
  });
});

test("permissions are asked on the stream, with an empty name for what concerns the group", () => {
  const { PutLogEvents, CreateLogGroup, ListTagsForResource } = open();
  const input = { ...group, logStreamName: "s", logEvents: [] };
  assert.deepEqual(PutLogEvents.permissions(input, { ...context, operation: "PutLogEvents" }), [
    { action: "logs:PutLogEvents", resource: `${groupArn}:log-stream:s` },
  ]);
  assert.deepEqual(CreateLogGroup.permissions(group, context), [
    { action: "logs:CreateLogGroup", resource: `${groupArn}:log-stream:` },
  ]);
  assert.deepEqual(
    ListTagsForResource.permissions({ resourceArn: groupArn }, { ...context, operation: "ListTagsForResource" }),
    [{ action: "logs:ListTagsForResource", resource: groupArn }],
  );
});
