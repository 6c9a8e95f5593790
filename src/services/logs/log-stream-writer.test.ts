import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { CallContext } from "../../aws-api/service.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { createLogs } from "./logs.ts";

const account = "123456789012";
const region = "eu-west-1";
const context: CallContext = {
  ...{ service: "logs", operation: "GetLogEvents", requestId: "1", region, account },
  principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
};
const target = { region, account, group: "/aws/codebuild/app", stream: "one" };
const time = new Date("2026-11-24T00:00:00Z");

function open(store: Store = openSqliteStore(":memory:")) {
  const { operations, ...logs } = createLogs({ store, now: () => time });
  const read = () =>
    operations.FilterLogEvents.run({ logGroupName: target.group }, context).events?.map(({ message }) => message);
  return { ...operations, ...logs, openStream: () => logs.openLogStream(target), read };
}

/** Counts the outermost transactions of a store. */
function countTransactions() {
  const inner = openSqliteStore(":memory:");
  let depth = 0;
  let count = 0;
  const store: Store = {
    ...inner,
    transaction(work) {
      if (depth === 0) count++;
      depth++;
      try {
        return inner.transaction(work);
      } finally {
        depth--;
      }
    },
  };
  return { store, count: () => count };
}

test("opening a stream makes its group and itself, and takes one that is there", () => {
  const { openStream, DescribeLogStreams } = open();
  openStream().close();
  openStream().close();
  const { logStreams } = DescribeLogStreams.run({ logGroupName: target.group }, context);
  assert.deepEqual(
    logStreams?.map(({ logStreamName }) => logStreamName),
    ["one"],
  );
});

test("what is written is read after a flush, in order, and soon without one", async () => {
  const { openStream, read } = open();
  const stream = openStream();
  stream.write("1\n", time);
  stream.write("2\n", time);
  stream.flush();
  assert.deepEqual(read(), ["1\n", "2\n"]);
  stream.write("3\n", time);
  while (read()?.length !== 3) await setTimeout(10);
  stream.close();
  assert.throws(() => stream.write("4\n", time), /is closed/);
});

test("a build of 100,000 lines is written in few transactions and read back whole", () => {
  const { store, count } = countTransactions();
  const { openStream, FilterLogEvents } = open(store);
  const stream = openStream();
  for (let line = 0; line < 100_000; line++) stream.write(`line ${line}\n`, new Date(time.getTime() + line));
  stream.close();
  assert.ok(count() < 250, `${count()} transactions`);
  let lines = 0;
  let nextToken: string | undefined;
  do {
    const page = FilterLogEvents.run({ logGroupName: target.group, ...(nextToken && { nextToken }) }, context);
    for (const event of page.events ?? []) assert.equal(event.message, `line ${lines++}\n`);
    nextToken = page.nextToken;
  } while (nextToken);
  assert.equal(lines, 100_000);
});

test("a stream that is deleted while it is written to is made again", () => {
  const { openStream, read, DeleteLogGroup } = open();
  const stream = openStream();
  stream.write("lost\n", time);
  stream.flush();
  DeleteLogGroup.run({ logGroupName: target.group }, context);
  stream.write("kept\n", time);
  stream.close();
  assert.deepEqual(read(), ["kept\n"]);
});

test("events that later calls put go behind those of the writer", () => {
  const { openStream, read, PutLogEvents } = open();
  const stream = openStream();
  stream.write("writer\n", time);
  stream.flush();
  const logEvents = [{ timestamp: time.getTime(), message: "caller" }];
  PutLogEvents.run({ logGroupName: target.group, logStreamName: target.stream, logEvents }, context);
  stream.write("writer again\n", time);
  stream.close();
  assert.deepEqual(read(), ["writer\n", "caller", "writer again\n"]);
});

test("text that is cut anywhere becomes an event for each line, with the time of its first part", () => {
  const { openStream, FilterLogEvents } = open();
  const stream = openStream();
  const at = (milliseconds: number) => new Date(time.getTime() + milliseconds);
  stream.write("a\n\nb", at(0));
  stream.write("c", at(1));
  stream.write("\nno end", at(2));
  stream.close();
  const { events } = FilterLogEvents.run({ logGroupName: target.group }, context);
  assert.deepEqual(
    events?.map(({ message, timestamp = 0 }) => [message, timestamp - time.getTime()]),
    [
      ["a\n", 0],
      ["\n", 0],
      ["bc\n", 0],
      ["no end", 2],
    ],
  );
});

test("the length of an event is in bytes, and no character is cut in two", () => {
  const { openStream, read } = open();
  const stream = openStream();
  stream.write("厨😀".repeat(60_000), time);
  stream.close();
  const messages = (read() ?? []) as string[];
  assert.equal(messages.join(""), "厨😀".repeat(60_000));
  assert.equal(messages.length, 2);
  for (const message of messages) {
    assert.ok(Buffer.byteLength(message) + 26 <= 256 * 1024);
    assert.ok(message.isWellFormed());
  }
});

test("a line that is longer than an event may be becomes several", () => {
  const { openStream, read } = open();
  const stream = openStream();
  stream.write("x".repeat(600_000), time);
  stream.write("\n", time);
  stream.close();
  const messages = read() ?? [];
  assert.deepEqual(
    messages.map((message) => message?.length),
    [262_118, 262_118, 75_765],
  );
});

test("a first build needs to make its group and stream, a second writer only to write", () => {
  const { permissionsToWrite, openStream } = open();
  const group = `arn:aws:logs:${region}:${account}:log-group:/aws/codebuild/app`;
  assert.deepEqual(permissionsToWrite(target), [
    { action: "logs:CreateLogGroup", resource: `${group}:log-stream:` },
    { action: "logs:CreateLogStream", resource: `${group}:log-stream:one` },
    { action: "logs:PutLogEvents", resource: `${group}:log-stream:one` },
  ]);
  openStream().close();
  assert.deepEqual(permissionsToWrite(target), [{ action: "logs:PutLogEvents", resource: `${group}:log-stream:one` }]);
});
