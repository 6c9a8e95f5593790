import { finished, type Readable } from "node:stream";

/** Hashing and writing in pieces of the 16 KiB that sockets give reaches a fifth of what pieces of this size reach. */
const wantedSize = 512 * 1024;
/** The stream is paused at this: a slow disk must not fill the memory. */
const maximumSize = 2 * 1024 * 1024;
/** A trickle is passed on after this time, so that whoever follows it waits no longer than that. */
const patienceMilliseconds = 20;

interface GatherOptions {
  destroyOnReturn?: boolean;
}

/**
 * A message's bytes in blocks that `take` gives, each filled before the next one: the memory of its chunks, which nobody else
 * has, is given back at once. What came before a failure is given before the failure is thrown.
 */
export function gatherBlocks(stream: Readable, take: () => Buffer): AsyncGenerator<Buffer> {
  const full: Buffer[] = [];
  let block: Buffer | undefined;
  let used = 0;
  const add = (chunk: Uint8Array) => {
    for (let from = 0; from < chunk.byteLength; ) {
      block ??= take();
      const part = chunk.subarray(from, from + block.byteLength - used);
      block.set(part, used);
      from += part.byteLength;
      used += part.byteLength;
      if (used === block.byteLength) endBlock(block);
    }
    freeChunk(chunk);
  };
  function endBlock(filled: Buffer): void {
    full.push(filled.subarray(0, used));
    block = undefined;
    used = 0;
  }
  const isReady = () => full.length > 0;
  const next = () => {
    if (full.length === 0 && block !== undefined) endBlock(block);
    return full.shift();
  };
  return gather(stream, { add, isReady, next, sizeOf: ({ byteLength }) => byteLength });
}

/**
 * Gives the memory of a message's chunk back at once: nobody else has it. A collector would let hundreds of megabytes of
 * them come together first, each on fresh pages.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/**
 * The stream's bytes in large blocks, each in the pieces that it came in. What came before a failure is given before the
 * failure is thrown. The stream is destroyed where the reader stops early, unless it is to be kept.
 */
export function gatherChunks(stream: Readable, options: GatherOptions = {}): AsyncGenerator<Uint8Array[]> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  const add = (chunk: Uint8Array) => {
    if (chunk.byteLength > 0) chunks.push(chunk);
    size += chunk.byteLength;
  };
  const next = () => {
    const block = chunks;
    chunks = [];
    size = 0;
    return block.length === 0 ? undefined : block;
  };
  const sizeOf = (block: Uint8Array[]) => block.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return gather(stream, { add, isReady: () => size >= wantedSize, next, sizeOf }, options);
}

/** Where bytes are brought together. */
interface Gathered<Block> {
  add(chunk: Uint8Array): void;
  /** There is as much as a block is to have. */
  isReady(): boolean;
  /** What is there, be it less; undefined where that is nothing. */
  next(): Block | undefined;
  sizeOf(block: Block): number;
}

async function* gather<Block>(
  stream: Readable,
  gathered: Gathered<Block>,
  { destroyOnReturn = true }: GatherOptions = {},
): AsyncGenerator<Block> {
  let size = 0;
  let end: { error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;

  const take = (chunk: Uint8Array) => {
    size += chunk.byteLength;
    gathered.add(chunk);
    if (size >= maximumSize) stream.pause();
    if (gathered.isReady()) wake?.();
  };
  stream.on("data", take);
  const forget = finished(stream, { writable: false }, (error) => {
    end = { error: error ?? undefined };
    wake?.();
  });
  try {
    while (true) {
      await waitFor(() => gathered.isReady() || end !== undefined);
      const block = gathered.next();
      if (block !== undefined) {
        size -= gathered.sizeOf(block);
        if (size < maximumSize) stream.resume();
        yield block;
      } else if (end?.error !== undefined) throw end.error;
      else if (end !== undefined) return;
    }
  } finally {
    forget();
    stream.off("data", take);
    // A stream that is left before its end may fail once more, when nobody listens.
    stream.on("error", () => undefined);
    if (destroyOnReturn) stream.destroy();
  }

  async function waitFor(isReady: () => boolean): Promise<void> {
    if (isReady()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    const timer = setInterval(() => size > 0 && resolve(), patienceMilliseconds);
    await promise;
    clearInterval(timer);
    wake = undefined;
  }
}
