import type * as Sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import { logStreamArn } from "./logs-arn.ts";
import { alreadyExists, invalidParameter } from "./logs-error.ts";
import { checkLimit, checkStreamName, getGroup, getStream } from "./logs-input.ts";
import { addStream, type LogStreamRecord, listStreams, removeStream, streamKey } from "./logs-store.ts";
import { type LogsDeps, onGroup, onStream } from "./operation-row.ts";
import { pageOf } from "./page.ts";

export function streamOperations(deps: LogsDeps) {
  const { logs, now } = deps;
  return {
    CreateLogStream: onStream((input, { region }) => {
      const name = checkStreamName(input.logStreamName);
      const group = getGroup(logs, region, input);
      if (logs.streams.get(streamKey(region, group.name, name))) throw alreadyExists("log stream");
      logs.transaction(() => addStream(logs, group, name, now()));
      return {};
    }),
    DeleteLogStream: onStream((input, { region }) => {
      const stream = getStream(logs, getGroup(logs, region, input), input.logStreamName);
      logs.transaction(() => removeStream(logs, stream));
      return {};
    }),
    DescribeLogStreams: onGroup((input: Sdk.DescribeLogStreamsRequest, context) =>
      describeLogStreams(deps, input, context),
    ),
  } satisfies Operations<typeof Sdk>;
}

function describeLogStreams(
  { logs }: LogsDeps,
  input: Sdk.DescribeLogStreamsRequest,
  context: CallContext,
): Sdk.DescribeLogStreamsResponse {
  const { logStreamNamePrefix: prefix, orderBy = "LogStreamName", descending = false, nextToken } = input;
  if (prefix !== undefined && orderBy === "LastEventTime") {
    throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const limit = checkLimit(input.limit, { preset: 50, max: 50 });
  const group = getGroup(logs, context.region, input);
  const streams = listStreams(logs, group, prefix);
  if (orderBy === "LastEventTime") streams.sort((a, b) => lastEventTime(a) - lastEventTime(b));
  if (descending) streams.reverse();
  const { items, ...page } = pageOf(streams, (stream) => stream.name, { nextToken, limit });
  return { logStreams: items.map((stream) => describeStream(stream, context)), ...page };
}

function lastEventTime({ lastEventTimestamp, creationTime }: LogStreamRecord): number {
  return lastEventTimestamp ?? creationTime;
}

function describeStream(stream: LogStreamRecord, context: CallContext): Sdk.LogStream {
  const { firstEventTimestamp, lastEventTimestamp, lastIngestionTime } = stream;
  return {
    logStreamName: stream.name,
    creationTime: stream.creationTime,
    ...(firstEventTimestamp !== undefined && { firstEventTimestamp }),
    ...(lastEventTimestamp !== undefined && { lastEventTimestamp }),
    ...(lastIngestionTime !== undefined && { lastIngestionTime }),
    uploadSequenceToken: formatSequenceToken(stream),
    arn: logStreamArn(context, stream.group, stream.name),
    // AWS stopped to count bytes of streams in 2019 and answers 0.
    storedBytes: 0,
  };
}

/** AWS has ignored sequence tokens since 2023 and still answers one. */
export function formatSequenceToken({ number, nextEvent }: LogStreamRecord): string {
  return `49${String(number).padStart(27, "0")}${String(nextEvent).padStart(27, "0")}`;
}
