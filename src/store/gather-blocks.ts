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
 * A message's bytes in large blocks, copied into what `take` gives: the memory of its chunks, which nobody else has, is given
 * back at once. What came before a failure is given before the failure is thrown.
 */
export async function* gatherBlocks(stream: Readable, take: () => Buffer): AsyncGenerator<Buffer> {
  for await (const chunks of gatherChunks(stream)) yield* packChunks(chunks, take);
}

function* packChunks(chunks: Uint8Array[], take: () => Buffer): Generator<Buffer> {
  let block = take();
  let used = 0;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.byteLength; ) {
      if (used === block.byteLength) {
        yield block;
        block = take();
        used = 0;
      }
      const part = chunk.subarray(from, from + block.byteLength - used);
      block.set(part, used);
      from += part.byteLength;
      used += part.byteLength;
    }
    freeChunk(chunk);
  }
  yield block.subarray(0, used);
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
export async function* gatherChunks(
  stream: Readable,
  { destroyOnReturn = true }: GatherOptions = {},
): AsyncGenerator<Uint8Array[]> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let end: { error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;

  const take = (chunk: Uint8Array) => {
    if (chunk.byteLength > 0) chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= maximumSize) stream.pause();
    if (size >= wantedSize) wake?.();
  };
  stream.on("data", take);
  const forget = finished(stream, { writable: false }, (error) => {
    end = { error: error ?? undefined };
    wake?.();
  });
  try {
    while (true) {
      await waitFor(() => size >= wantedSize || end !== undefined);
      const block = takeBlock();
      if (block.length > 0) yield block;
      else if (end?.error !== undefined) throw end.error;
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

  function takeBlock(): Uint8Array[] {
    const block = chunks;
    chunks = [];
    size = 0;
    stream.resume();
    return block;
  }
}
