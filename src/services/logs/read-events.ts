import { type ChunkEntry, chunkKey, type LogStreamRecord, type LogsStore } from "./logs-store.ts";

export interface LogEvent {
  /** 56 digits; IDs in order of their text are events in order of time. */
  id: string;
  stream: string;
  timestamp: number;
  ingestionTime: number;
  message: string;
}

export interface EventRange {
  /** Inclusive, milliseconds since 1970. */
  from: number;
  /** Exclusive. */
  to: number;
  /** Exclusive IDs of events. */
  after?: string;
  before?: string;
}

export type Direction = "forward" | "backward";

export const firstEventId = "0".repeat(56);

/** Events of the streams in order of time, oldest or newest first; loads chunks only as far as they are consumed. */
export function* readEvents(
  store: LogsStore,
  streams: readonly LogStreamRecord[],
  range: EventRange,
  direction: Direction,
): Generator<LogEvent> {
  const sign = direction === "forward" ? 1 : -1;
  const bounds = timeBounds(range);
  // The edge of a chunk that a reader in this direction meets first.
  const edge = ({ first, last }: ChunkEntry) => (direction === "forward" ? first : last);
  const chunks = streams
    .flatMap((stream) => stream.chunks.map((entry) => ({ stream, entry })))
    .filter(({ entry }) => entry.last >= bounds.from && entry.first < bounds.to)
    .sort((a, b) => sign * (edge(a.entry) - edge(b.entry)));

  let waiting: LogEvent[] = [];
  for (const [index, { stream, entry }] of chunks.entries()) {
    waiting.push(...loadEvents(store, stream, entry).filter((event) => isInRange(event, range)));
    const next = chunks[index + 1];
    const isSettled = ({ timestamp }: LogEvent) => next === undefined || sign * (timestamp - edge(next.entry)) < 0;
    const settled = waiting.filter(isSettled).sort((a, b) => sign * compareIds(a, b));
    waiting = waiting.filter((event) => !isSettled(event));
    yield* settled;
  }
}

function timeBounds({ from, to, after, before }: EventRange): { from: number; to: number } {
  return {
    from: after === undefined ? from : Math.max(from, timeOfId(after)),
    to: before === undefined ? to : Math.min(to, timeOfId(before) + 1),
  };
}

function isInRange({ id, timestamp }: LogEvent, { from, to, after, before }: EventRange): boolean {
  if (timestamp < from || timestamp >= to) return false;
  return (after === undefined || id > after) && (before === undefined || id < before);
}

function compareIds(a: LogEvent, b: LogEvent): number {
  return a.id < b.id ? -1 : 1;
}

function loadEvents(store: LogsStore, stream: LogStreamRecord, entry: ChunkEntry): LogEvent[] {
  const chunk = store.chunks.get(chunkKey(stream, entry.number));
  if (chunk === undefined) throw new Error(`chunk ${entry.number} of log stream ${stream.name} is not in the store`);
  return chunk.events.map(([timestamp, ingestionTime, message], index) => ({
    id: formatId(timestamp, stream.number, chunk.firstEvent + index),
    stream: stream.name,
    timestamp,
    ingestionTime,
    message,
  }));
}

const digits = { time: 20, stream: 16, event: 20 };

function formatId(timestamp: number, stream: number, event: number): string {
  return [
    String(timestamp).padStart(digits.time, "0"),
    String(stream).padStart(digits.stream, "0"),
    String(event).padStart(digits.event, "0"),
  ].join("");
}

function timeOfId(id: string): number {
  return Number(id.slice(0, digits.time));
}
