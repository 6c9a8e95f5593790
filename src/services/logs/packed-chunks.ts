import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Collection } from "../../store/store.ts";
import type { ChunkRecord, StoredEvent } from "./logs-store.ts";

/** A chunk as it is stored: its events as they are, or compressed, in base64. */
interface StoredChunk {
  firstEvent: number;
  events?: StoredEvent[];
  packed?: string;
}

/** Stands on the first line of packed events, with their messages behind it, end to end. */
interface PackedHead {
  /** Timestamp, ingestion time, and how many events in a row have them. */
  times: [timestamp: number, ingestionTime: number, count: number][];
  /** Of the messages, in UTF-16 code units. */
  lengths: number[];
}

/** Fewer are not worth it. */
const packedFrom = 50;

/** Logs repeat themselves: a tenth is left to be written, which takes less time than the rest would. */
export function packedChunks(stored: Collection<StoredChunk>): Collection<ChunkRecord> {
  return {
    get(key) {
      const chunk = stored.get(key);
      return chunk === undefined ? undefined : unpack(chunk);
    },
    put(key, { firstEvent, events }) {
      const packed = events.length < packedFrom ? undefined : pack(events);
      stored.put(key, packed === undefined ? { firstEvent, events } : { firstEvent, packed });
    },
    delete: (key) => stored.delete(key),
    list: (prefix) => stored.list(prefix).map(unpack),
    version: stored.version,
  };
}

/** Undefined for half characters, which UTF-8 cannot hold. */
function pack(events: readonly StoredEvent[]): string | undefined {
  const head: PackedHead = { times: [], lengths: [] };
  const messages: string[] = [];
  let last: PackedHead["times"][number] | undefined;
  for (const [timestamp, ingestionTime, message] of events) {
    if (last === undefined || last[0] !== timestamp || last[1] !== ingestionTime) {
      last = [timestamp, ingestionTime, 0];
      head.times.push(last);
    }
    last[2]++;
    head.lengths.push(message.length);
    messages.push(message);
  }
  const text = messages.join("");
  if (!text.isWellFormed()) return undefined;
  return zstdCompressSync(`${JSON.stringify(head)}\n${text}`).toString("base64");
}

function unpack({ firstEvent, events, packed }: StoredChunk): ChunkRecord {
  if (packed === undefined) return { firstEvent, events: events ?? [] };
  const text = zstdDecompressSync(Buffer.from(packed, "base64")).toString();
  let start = text.indexOf("\n") + 1;
  const { times, lengths } = JSON.parse(text.slice(0, start)) as PackedHead;
  const unpacked: StoredEvent[] = [];
  for (const [timestamp, ingestionTime, count] of times) {
    for (let index = 0; index < count; index++) {
      const end = start + (lengths[unpacked.length] ?? 0);
      unpacked.push([timestamp, ingestionTime, text.slice(start, end)]);
      start = end;
    }
  }
  return { firstEvent, events: unpacked };
}
