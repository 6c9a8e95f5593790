import type * as Sdk from "@aws-sdk/client-cloudwatch-logs";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import { eventOverhead } from "./append-events.ts";
import { parseFilterPattern } from "./filter-pattern.ts";
import { invalidParameter } from "./logs-error.ts";
import { checkLimit, checkStreamName, getGroup, getStream, refuseMembers } from "./logs-input.ts";
import { type LogGroupRecord, type LogStreamRecord, type LogsStore, listStreams } from "./logs-store.ts";
import { type LogsDeps, onGroup, onStream } from "./operation-row.ts";
import { putLogEvents } from "./put-log-events.ts";
import { type Direction, type EventRange, firstEventId, type LogEvent, readEvents } from "./read-events.ts";

/** A page ends at either. */
const maxPage = { events: 10_000, bytes: 1_048_576 };
const day = 24 * 3_600_000;

export function eventOperations(deps: LogsDeps) {
  return {
    PutLogEvents: onStream((input: Sdk.PutLogEventsRequest, context) => putLogEvents(deps, input, context)),
    GetLogEvents: onStream((input: Sdk.GetLogEventsRequest, context) => getLogEvents(deps, input, context)),
    FilterLogEvents: onGroup((input: Sdk.FilterLogEventsRequest, context) => filterLogEvents(deps, input, context)),
  } satisfies Operations<typeof Sdk>;
}

/** Tokens are `f/EVENT/s` (what comes after the event) and `b/EVENT/s` (what came before it), as AWS's look. */
function getLogEvents(
  deps: LogsDeps,
  input: Sdk.GetLogEventsRequest,
  { region }: CallContext,
): Sdk.GetLogEventsResponse {
  const limit = checkLimit(input.limit, { preset: maxPage.events, max: maxPage.events });
  const group = getGroup(deps.logs, region, input);
  const stream = getStream(deps.logs, group, input.logStreamName);
  const token = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
  const direction = token?.direction ?? (input.startFromHead ? "forward" : "backward");
  const range: EventRange = {
    from: Math.max(input.startTime ?? 0, oldestKept(deps, group)),
    to: input.endTime ?? Number.POSITIVE_INFINITY,
    ...(token && { [token.direction === "forward" ? "after" : "before"]: token.id }),
  };
  const { events } = takePage(readEvents(deps.logs, [stream], range, direction), limit);
  if (direction === "backward") events.reverse();
  const here = token?.id ?? firstEventId;
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${events.at(-1)?.id ?? here}/s`,
    nextBackwardToken: `b/${events[0]?.id ?? here}/s`,
  };
}

function parseToken(token: string): { direction: Direction; id: string } {
  const [, letter, id] = /^([fb])\/(\d{56})\/s$/.exec(token) ?? [];
  if (id === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return { direction: letter === "f" ? "forward" : "backward", id };
}

function filterLogEvents(
  deps: LogsDeps,
  input: Sdk.FilterLogEventsRequest,
  { region }: CallContext,
): Sdk.FilterLogEventsResponse {
  if (input.startFromHead === false) refuseMembers({ "startFromHead: false": true }, ["startFromHead: false"]);
  const limit = checkLimit(input.limit, { preset: maxPage.events, max: maxPage.events });
  const group = getGroup(deps.logs, region, input);
  const matches = parseFilterPattern(input.filterPattern ?? "");
  const { nextToken: after } = input;
  if (after !== undefined && !/^\d{56}$/.test(after)) throw invalidParameter("The specified nextToken is invalid.");
  const range: EventRange = {
    from: Math.max(input.startTime ?? 0, oldestKept(deps, group)),
    // Here an event at the end time belongs to the answer, in GetLogEvents it does not.
    to: (input.endTime ?? Number.POSITIVE_INFINITY) + 1,
    ...(after !== undefined && { after }),
  };
  const found = readEvents(deps.logs, selectStreams(deps.logs, group, input), range, "forward");
  const { events, hasMore } = takePage(found, limit, matches);
  const last = events.at(-1);
  return {
    events: events.map(({ stream, timestamp, message, ingestionTime, id }) => ({
      ...{ logStreamName: stream, timestamp, message, ingestionTime, eventId: id },
    })),
    searchedLogStreams: [],
    ...(hasMore && last && { nextToken: last.id }),
  };
}

function selectStreams(
  logs: LogsStore,
  group: LogGroupRecord,
  { logStreamNames: names, logStreamNamePrefix: prefix }: Sdk.FilterLogEventsRequest,
): LogStreamRecord[] {
  if (names !== undefined && prefix !== undefined) {
    throw invalidParameter("LogStreamNames and LogStreamNamePrefix cannot be specified at the same time");
  }
  if (names === undefined) return listStreams(logs, group, prefix);
  return [...new Set(names)].map((name) => getStream(logs, group, checkStreamName(name)));
}

function oldestKept({ now }: LogsDeps, { retentionInDays: days }: LogGroupRecord): number {
  return days === undefined ? 0 : now().getTime() - days * day;
}

function takePage(found: Iterable<LogEvent>, limit: number, matches = (_message: string) => true) {
  const events: LogEvent[] = [];
  let bytes = 0;
  for (const event of found) {
    if (!matches(event.message)) continue;
    const size = Buffer.byteLength(event.message) + eventOverhead;
    if (events.length >= limit || (events.length > 0 && bytes + size > maxPage.bytes)) return { events, hasMore: true };
    events.push(event);
    bytes += size;
  }
  return { events, hasMore: false };
}
