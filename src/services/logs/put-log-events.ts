import type * as Sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CallContext } from "../../aws-api/service.ts";
import { appendEvents, eventOverhead, type NewEvent } from "./append-events.ts";
import { constraintFailure, invalidParameter } from "./logs-error.ts";
import { getGroup, getStream } from "./logs-input.ts";
import { type LogGroupRecord, streamKey } from "./logs-store.ts";
import type { LogsDeps } from "./operation-row.ts";
import { formatSequenceToken } from "./stream-operations.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const limits = { events: 10_000, bytes: 1_048_576, span: day, oldest: 14 * day, newest: 2 * hour };

export function putLogEvents(
  { logs, now }: LogsDeps,
  input: Sdk.PutLogEventsRequest,
  { region }: CallContext,
): Sdk.PutLogEventsResponse {
  const group = getGroup(logs, region, input);
  const stream = getStream(logs, group, input.logStreamName);
  const events = checkBatch(input.logEvents ?? []);
  const time = now();
  const { accepted, rejected } = sortOutByTime(events, group, time.getTime());
  if (accepted.length > 0) appendEvents(logs, stream, accepted, time);
  const written = logs.streams.get(streamKey(region, group.name, stream.name)) ?? stream;
  return {
    nextSequenceToken: formatSequenceToken(written),
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

function checkBatch(given: readonly Sdk.InputLogEvent[]): NewEvent[] {
  if (given.length === 0) {
    throw constraintFailure("[]", "logEvents", "Member must have length greater than or equal to 1");
  }
  if (given.length > limits.events) {
    const constraint = `Member must have length less than or equal to ${limits.events}`;
    throw constraintFailure(`${given.length} events`, "logEvents", constraint);
  }
  const events = given.map(({ timestamp, message }, index) => {
    const member = `logEvents.${index + 1}.member`;
    if (timestamp === undefined || timestamp < 0) {
      throw constraintFailure(
        String(timestamp ?? "null"),
        `${member}.timestamp`,
        "Member must have value greater than or equal to 0",
      );
    }
    if (!message)
      throw constraintFailure("", `${member}.message`, "Member must have length greater than or equal to 1");
    return { timestamp, message };
  });
  checkOrderAndSize(events);
  return events;
}

function checkOrderAndSize(events: readonly NewEvent[]): void {
  const isOrdered = events.every(({ timestamp }, index) => timestamp >= (events[index - 1]?.timestamp ?? 0));
  if (!isOrdered) {
    throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
  }
  const span = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (span > limits.span) {
    throw invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverhead, 0);
  if (bytes > limits.bytes) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${limits.bytes}`);
}

/** Events outside of the time that AWS takes are left out and reported, without an error. */
function sortOutByTime(events: readonly NewEvent[], group: LogGroupRecord, now: number) {
  const oldest = now - limits.oldest;
  const kept = now - (group.retentionInDays ?? Number.POSITIVE_INFINITY) * day;
  const firstTooNew = events.findIndex(({ timestamp }) => timestamp > now + limits.newest);
  const tooOld = events.filter(({ timestamp }) => timestamp < oldest).length;
  const expired = events.filter(({ timestamp }) => timestamp < kept).length;
  const rejected: Sdk.RejectedLogEventsInfo = {
    ...(firstTooNew >= 0 && { tooNewLogEventStartIndex: firstTooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  const end = firstTooNew >= 0 ? firstTooNew : events.length;
  return { accepted: events.slice(Math.max(tooOld, expired), end), rejected };
}
