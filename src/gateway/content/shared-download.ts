import { Readable } from "node:stream";
import type { Digest } from "../../oci/digest.ts";
import { DigestMismatch } from "../../store/content-store.ts";
import { UpstreamFailure } from "../upstream/upstream-failure.ts";
import type { PulledBlobWriter } from "./pulled-content.ts";

export interface ByteSpan {
  start: number;
  /** Inclusive. */
  end: number;
}

/** Bytes. So much of a blob's end is shown only once its digest is verified: nobody gets a corrupt blob whole. */
export const withheldSize = 64 * 1024;
/** Blocks that stay in memory for the readers that keep up; the others read the file. */
const recentBlocks = 4;
const readSize = 1024 * 1024;
/** Pieces read from the file that stay in memory: readers that lag behind lag alike, and one read serves them all. */
const sharedReads = 16;

export interface SharedDownloadOptions {
  digest: Digest;
  /** Bytes of the whole, as the upstream told before the first byte. */
  size: number;
  writer: PulledBlobWriter;
  /** The bytes from the first on; resumes by itself, and throws where it cannot. */
  blocks: AsyncIterable<Buffer>;
  /** Verified bytes that could not be stored: the readers have them all the same. */
  onStoreFailure?: ((error: unknown) => void) | undefined;
  /** Aborted with the reason where the download fails or is stopped; whatever gives the blocks listens to it. */
  controller: AbortController;
}

/** One fetch of a blob, stored and verified, that any number of readers follow at their own pace. */
export interface SharedDownload {
  readonly size: number;
  /** Fails with the reason where the download fails. */
  read(range?: ByteSpan): Readable;
  /** A reader is expected: the download is not stopped before it has come and gone. */
  expectReader(): () => void;
  /** Resolves when it is stored or failed, and never rejects. The readers may take longer. */
  readonly done: Promise<void>;
}

interface DownloadState {
  received: number;
  isVerified: boolean;
  recent: { start: number; block: Buffer }[];
  /** Pieces of `readSize` read from the file, by their number, the oldest first. */
  pieces: Map<number, Promise<Buffer>>;
  /** Readers that wait for more. */
  waiting: Set<() => void>;
}

/**
 * When its last reader has gone, a download goes on where `isWorthFinishing`: a client that was cut comes back, and half
 * of a large blob is not thrown away. Otherwise it is stopped, and the next asker starts afresh.
 */
export function startSharedDownload(options: SharedDownloadOptions): SharedDownload {
  const { size, writer, controller } = options;
  const state: DownloadState = {
    received: 0,
    isVerified: false,
    recent: [],
    pieces: new Map(),
    waiting: new Set(),
  };
  let users = 0;
  let isStored = false;

  controller.signal.addEventListener("abort", () => wake(state));
  /** The writer's file is needed until it is stored and the last reader has gone. */
  function closeWhenUnused(): void {
    if (users > 0) return;
    if (isStored) void writer.close().catch(() => undefined);
    else if (!state.isVerified && !isWorthFinishing(state.received, size)) {
      controller.abort(new Error("every reader has gone"));
    }
  }
  function expectReader(): () => void {
    users += 1;
    let isHere = true;
    return () => {
      if (!isHere) return;
      isHere = false;
      users -= 1;
      closeWhenUnused();
    };
  }

  const done = receive(options, state).then(
    () => {
      isStored = true;
      closeWhenUnused();
    },
    async (error: unknown) => {
      controller.abort(error);
      await writer.discard().catch(() => undefined);
    },
  );
  return {
    size,
    expectReader,
    read: (range = { start: 0, end: size - 1 }) => readAlong(options, state, range).once("close", expectReader()),
    done,
  };
}

/** Bytes received of the blob's size: all of a small blob, or the larger half. */
function isWorthFinishing(received: number, size: number): boolean {
  return size <= 16 * 1024 * 1024 || received * 2 >= size;
}

function wake(state: DownloadState): void {
  const woken = [...state.waiting];
  state.waiting.clear();
  for (const go of woken) go();
}

async function receive(
  { blocks, writer, digest, size, onStoreFailure, controller: { signal } }: SharedDownloadOptions,
  state: DownloadState,
): Promise<void> {
  for await (const block of blocks) {
    signal.throwIfAborted();
    const start = state.received;
    if (start + block.byteLength > size) throw new UpstreamFailure("faulty", `blob ${digest} is longer than its size`);
    await writer.append(block);
    state.received += block.byteLength;
    state.recent.push({ start, block });
    if (state.recent.length > recentBlocks) state.recent.shift();
    wake(state);
  }
  signal.throwIfAborted();
  await verifyBlob(writer, digest);
  state.isVerified = true;
  wake(state);
  // The readers need not wait for the disk.
  try {
    await writer.finish(digest);
  } catch (error) {
    onStoreFailure?.(error);
  }
}

export async function verifyBlob(writer: PulledBlobWriter, digest: Digest): Promise<void> {
  try {
    await writer.verify(digest);
  } catch (cause) {
    if (!(cause instanceof DigestMismatch)) throw cause;
    throw new UpstreamFailure("faulty", `blob ${digest} came with other bytes than its digest says`, { cause });
  }
}

function readPiece(writer: PulledBlobWriter, state: DownloadState, number: number, size: number): Promise<Buffer> {
  const running = state.pieces.get(number);
  if (running !== undefined) return running;
  const start = number * readSize;
  const piece = writer.readSoFar({ start, end: Math.min(start + readSize, size) - 1 });
  state.pieces.set(number, piece);
  piece.catch(() => state.pieces.delete(number));
  for (const oldest of state.pieces.keys()) {
    if (state.pieces.size <= sharedReads) break;
    state.pieces.delete(oldest);
  }
  return piece;
}

/** Pulls by itself what the client takes: a slow one holds nobody up, and one that keeps up reads no file. */
function readAlong(
  { size, writer, controller: { signal } }: SharedDownloadOptions,
  state: DownloadState,
  { start, end }: ByteSpan,
): Readable {
  let position = start;
  const shownEnd = () => (state.isVerified ? size : Math.min(state.received, size - withheldSize));

  function findRecent(until: number): Buffer | undefined {
    for (const { start, block } of state.recent) {
      if (position >= start && position < start + block.byteLength)
        return block.subarray(position - start, until - start);
    }
  }
  async function readFile(until: number): Promise<Buffer> {
    const number = Math.floor(position / readSize);
    const start = number * readSize;
    const isWhole = Math.min(start + readSize, size) <= state.received;
    if (!isWhole) return writer.readSoFar({ start: position, end: Math.min(start + readSize, until) - 1 });
    const piece = await readPiece(writer, state, number, size);
    return piece.subarray(position - start, until - start);
  }
  function give(bytes: Buffer): void {
    position += bytes.byteLength;
    stream.push(bytes);
  }
  function pull(): void {
    if (stream.destroyed) return;
    if (position > end) return void stream.push(null);
    // What is verified is whole, whatever fails later.
    if (signal.aborted && !state.isVerified) return void stream.destroy(signal.reason as Error);
    const until = Math.min(shownEnd(), end + 1);
    if (position >= until) return void state.waiting.add(pull);
    const recent = findRecent(until);
    if (recent !== undefined) return give(recent);
    readFile(until).then(give, (error: Error) => stream.destroy(error));
  }
  const stream = new Readable({ highWaterMark: readSize, read: pull });
  return stream;
}
