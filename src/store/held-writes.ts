import type { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";
import {
  type ContentStore,
  type ContentWriter,
  DigestMismatch,
  type FinishSteps,
  type StoredContent,
} from "./content-store.ts";
import { createFlusher, type Flusher } from "./flusher.ts";
import type { Collection, Store } from "./store.ts";

/**
 * A write in several steps that outlives the process: what an `append` resolved with is there after a restart. It is
 * brought to the disk beside the next one: what a loss of power takes of it is missed by the next process, or by the digest.
 */
export interface HeldWrite {
  /** Bytes received so far. */
  readonly size: number;
  /** True while bytes arrive or the write is finished: it takes one caller at a time. */
  readonly isBusy: boolean;
  /** Resolves with the size after it. The last bytes before a `finish` need not be recorded by themselves. */
  append(content: Readable | Uint8Array, isLast?: boolean): Promise<number>;
  /** Makes the content visible and holds it. `record` runs in the transaction of the hold. */
  finish(expected: Digest, record?: (stored: StoredContent) => void): Promise<StoredContent>;
  /** False where it is busy. */
  discard(): boolean;
}

export interface HeldWrites {
  /** Resolves with the ID of the write. */
  startWrite(holder: string): Promise<string>;
  findWrite(holder: string, id: string): HeldWrite | undefined;
  /** Discards writes that nobody went on with since `before` (milliseconds since 1970), or all of a holder's. */
  discardWrites(which: { before: number } | { holder: string }): void;
}

interface WriteRecord {
  id: string;
  holder: string;
  /** Bytes that were acknowledged. */
  size: number;
  /** Milliseconds since 1970. */
  lastUsed: number;
}

type FinishHeld = (
  holder: string,
  finish: (steps: FinishSteps) => Promise<StoredContent>,
  record: (stored: StoredContent) => void,
) => Promise<StoredContent>;

interface HeldWritesRoom {
  content: ContentStore;
  records: Collection<WriteRecord>;
  /** The writes of this process, and those that it has taken up. */
  writes: Map<string, HeldWrite>;
  finishHeld: FinishHeld;
  now(): Date;
}

/** Sweeps the writes of earlier processes that are not on record. */
export function createHeldWrites(
  store: Store,
  content: ContentStore,
  finishHeld: FinishHeld,
  now: () => Date,
): HeldWrites {
  const records = store.collection<WriteRecord>("content-write");
  const writes = new Map<string, HeldWrite>();
  const room: HeldWritesRoom = { content, records, writes, finishHeld, now };

  function findWrite(holder: string, id: string): HeldWrite | undefined {
    const record = records.get(id);
    if (record?.holder !== holder) return undefined;
    const write = writes.get(id) ?? heldWrite(room, record);
    writes.set(id, write);
    return write;
  }

  sweepUnrecorded(records, content);
  return {
    findWrite,
    async startWrite(holder) {
      const writer = await content.startWrite();
      const record = { id: writer.id, holder, size: 0, lastUsed: now().getTime() };
      records.put(writer.id, record);
      writes.set(writer.id, heldWrite(room, record, writer));
      return writer.id;
    },
    discardWrites(which) {
      for (const { id, holder, lastUsed } of records.list()) {
        const isMeant = "holder" in which ? holder === which.holder : lastUsed <= which.before;
        if (isMeant) findWrite(holder, id)?.discard();
      }
    },
  };
}

/** `writer` is opened on first use, for a write of an earlier process. */
function heldWrite(room: HeldWritesRoom, { id, holder, size }: WriteRecord, writer?: ContentWriter): HeldWrite {
  const { content, records, writes, finishHeld, now } = room;
  let isBusy = false;
  let flusher: Flusher | undefined;

  async function whileBusy<R>(work: (writer: ContentWriter) => Promise<R>): Promise<R> {
    if (isBusy) throw new Error(`write ${id} takes one caller at a time`);
    isBusy = true;
    try {
      writer ??= await content.resumeWrite(id, size);
      return await work(writer);
    } finally {
      isBusy = false;
    }
  }

  function discard(): boolean {
    if (isBusy) return false;
    records.delete(id);
    writes.delete(id);
    content.discardWrite(id);
    return true;
  }

  return {
    get size() {
      return writer?.size ?? size;
    },
    get isBusy() {
      return isBusy;
    },
    append: (body, isLast = false) =>
      whileBusy((opened) =>
        appendOnRecord(opened, body, isLast, () => {
          records.put(id, { id, holder, size: opened.size, lastUsed: now().getTime() });
          flusher ??= createFlusher(opened.sync);
          flusher.begin();
        }),
      ),
    async finish(expected, record) {
      const recordAll = (stored: StoredContent) => {
        records.delete(id);
        record?.(stored);
      };
      try {
        const stored = await whileBusy(async (opened) => {
          await flusher?.settle();
          return finishHeld(holder, (steps) => opened.finish(expected, steps), recordAll);
        });
        writes.delete(id);
        return stored;
      } catch (error) {
        if (error instanceof DigestMismatch) discard();
        throw error;
      }
    },
    discard,
  };
}

/** Also what came before the stream failed is worth keeping: its sender may go on behind it. */
async function appendOnRecord(
  writer: ContentWriter,
  content: Readable | Uint8Array,
  isLast: boolean,
  save: () => void,
): Promise<number> {
  let isWhole = false;
  try {
    await writer.append(content);
    isWhole = true;
  } finally {
    if (!isWhole || !isLast) save();
  }
  return writer.size;
}

function sweepUnrecorded(records: Collection<WriteRecord>, content: ContentStore): void {
  const found = new Set<string>();
  content.sweepWrites((id, size) => {
    const record = records.get(id);
    if (record === undefined || record.size > size) return false;
    found.add(id);
    return true;
  });
  for (const { id } of records.list()) if (!found.has(id)) records.delete(id);
}
