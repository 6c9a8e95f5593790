import type { Collection, Store } from "../../store/store.ts";
import { logGroupArn } from "./logs-arn.ts";
import { packedChunks } from "./packed-chunks.ts";

/** Times are milliseconds since 1970, as in the API. */
export interface LogGroupRecord {
  region: string;
  name: string;
  arn: string;
  creationTime: number;
  retentionInDays?: number;
  tags: Record<string, string>;
  /** Number of the next stream; a stream's number orders events of the same millisecond. */
  nextStream: number;
}

export interface LogStreamRecord {
  region: string;
  group: string;
  name: string;
  number: number;
  creationTime: number;
  firstEventTimestamp?: number;
  lastEventTimestamp?: number;
  lastIngestionTime?: number;
  storedBytes: number;
  /** Number of the next event. */
  nextEvent: number;
  chunks: ChunkEntry[];
}

/** What a chunk holds, so that readers load only those that they need. */
export interface ChunkEntry {
  number: number;
  /** Earliest and latest timestamp in it. */
  first: number;
  last: number;
  count: number;
  bytes: number;
}

/** Many events in one record: a build writes tens of thousands of lines. */
export interface ChunkRecord {
  /** Number of the chunk's first event in its stream. */
  firstEvent: number;
  events: StoredEvent[];
}

export type StoredEvent = [timestamp: number, ingestionTime: number, message: string];

export interface LogsStore {
  groups: Collection<LogGroupRecord>;
  streams: Collection<LogStreamRecord>;
  chunks: Collection<ChunkRecord>;
  transaction: Store["transaction"];
}

export function openLogsStore(store: Store): LogsStore {
  return {
    groups: store.collection("logs-group"),
    streams: store.collection("logs-stream"),
    chunks: packedChunks(store.collection("logs-chunk")),
    transaction: (work) => store.transaction(work),
  };
}

// Neither regions nor names of groups and streams may have a colon.
export const groupKey = (region: string, group: string) => `${region}:${group}`;
export const streamKey = (region: string, group: string, stream: string) => `${region}:${group}:${stream}`;
export const chunkKey = (stream: Pick<LogStreamRecord, "region" | "group" | "name">, number: number) =>
  `${streamKey(stream.region, stream.group, stream.name)}:${number}`;

export function listStreams(store: LogsStore, group: LogGroupRecord, prefix = ""): LogStreamRecord[] {
  return store.streams.list(streamKey(group.region, group.name, prefix));
}

export function addGroup(
  store: LogsStore,
  place: { region: string; account: string },
  { name, tags, now }: { name: string; tags: Record<string, string>; now: Date },
): LogGroupRecord {
  const { region } = place;
  const arn = logGroupArn(place, name);
  const group: LogGroupRecord = { region, name, arn, creationTime: now.getTime(), tags, nextStream: 1 };
  store.groups.put(groupKey(region, name), group);
  return group;
}

export function addStream(store: LogsStore, group: LogGroupRecord, name: string, now: Date): LogStreamRecord {
  const stream: LogStreamRecord = {
    region: group.region,
    group: group.name,
    name,
    number: group.nextStream,
    creationTime: now.getTime(),
    storedBytes: 0,
    nextEvent: 1,
    chunks: [],
  };
  store.streams.put(streamKey(group.region, group.name, name), stream);
  store.groups.put(groupKey(group.region, group.name), { ...group, nextStream: group.nextStream + 1 });
  return stream;
}

export function removeStream(store: LogsStore, stream: LogStreamRecord): void {
  for (const { number } of stream.chunks) store.chunks.delete(chunkKey(stream, number));
  store.streams.delete(streamKey(stream.region, stream.group, stream.name));
}
