import {
  type ChunkEntry,
  type ChunkRecord,
  chunkKey,
  type LogStreamRecord,
  type LogsStore,
  type StoredEvent,
  streamKey,
} from "./logs-store.ts";

/** A chunk is full with either. The last chunk is written anew for each batch, so it must stay small. */
const maxChunk = { events: 4000, bytes: 512 * 1024 };

/** AWS counts so many bytes for each event beside its message. */
export const eventOverhead = 26;

export interface NewEvent {
  timestamp: number;
  message: string;
}

/** Adds events to the end of a stream, all or none of them. */
export function appendEvents(store: LogsStore, stream: LogStreamRecord, events: readonly NewEvent[], now: Date): void {
  const ingestionTime = now.getTime();
  const appended: LogStreamRecord = { ...stream, chunks: [...stream.chunks], lastIngestionTime: ingestionTime };
  let open = reopenLastChunk(store, appended);
  store.transaction(() => {
    for (const { timestamp, message } of events) {
      if (open === undefined || isFull(open.entry)) {
        if (open) closeChunk(store, appended, open);
        open = startChunk(appended);
      }
      addEvent(open, appended, [timestamp, ingestionTime, message]);
    }
    if (open) closeChunk(store, appended, open);
    store.streams.put(streamKey(stream.region, stream.group, stream.name), appended);
  });
}

interface OpenChunk {
  entry: ChunkEntry;
  record: ChunkRecord;
}

function isFull({ count, bytes }: ChunkEntry): boolean {
  return count >= maxChunk.events || bytes >= maxChunk.bytes;
}

function reopenLastChunk(store: LogsStore, stream: LogStreamRecord): OpenChunk | undefined {
  const last = stream.chunks.at(-1);
  if (last === undefined || isFull(last)) return undefined;
  const record = store.chunks.get(chunkKey(stream, last.number));
  if (record === undefined) throw new Error(`chunk ${last.number} of log stream ${stream.name} is not in the store`);
  stream.chunks.pop();
  return { entry: { ...last }, record };
}

function startChunk(stream: LogStreamRecord): OpenChunk {
  const number = (stream.chunks.at(-1)?.number ?? 0) + 1;
  return {
    entry: { number, first: Number.MAX_SAFE_INTEGER, last: 0, count: 0, bytes: 0 },
    record: { firstEvent: stream.nextEvent, events: [] },
  };
}

function closeChunk(store: LogsStore, stream: LogStreamRecord, { entry, record }: OpenChunk): void {
  store.chunks.put(chunkKey(stream, entry.number), record);
  stream.chunks.push(entry);
}

function addEvent({ entry, record }: OpenChunk, stream: LogStreamRecord, event: StoredEvent): void {
  const [timestamp, , message] = event;
  const bytes = Buffer.byteLength(message) + eventOverhead;
  record.events.push(event);
  entry.first = Math.min(entry.first, timestamp);
  entry.last = Math.max(entry.last, timestamp);
  entry.count++;
  entry.bytes += bytes;
  stream.nextEvent++;
  stream.storedBytes += bytes;
  stream.firstEventTimestamp = Math.min(stream.firstEventTimestamp ?? timestamp, timestamp);
  stream.lastEventTimestamp = Math.max(stream.lastEventTimestamp ?? timestamp, timestamp);
}
