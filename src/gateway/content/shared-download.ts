import { Readable } from "node:stream";
import type { Digest } from "../../oci/digest.ts";
import { type BlockPool, blockSize } from "../../registry/block-pool.ts";
import type { BlockReader } from "../../registry/registry-content.ts";
import { DigestMismatch } from "../../store/content-store.ts";
import { UpstreamFailure } from "../upstream/upstream-failure.ts";
import { type ArrivingBlob, type ByteSpan, followBlob, openArrivingBlob } from "./arriving-blob.ts";
import type { PulledBlobWriter } from "./pulled-content.ts";

export interface SharedDownloadOptions {
  digest: Digest;
  /** Bytes of the whole, as the upstream told before the first byte. */
  size: number;
  writer: PulledBlobWriter;
  /** The bytes from the first on, in what `pool` gives; resumes by itself, and throws where it cannot. */
  blocks: AsyncIterable<Buffer>;
  pool: BlockPool;
  /** Verified bytes that could not be stored: the readers have them all the same. */
  onStoreFailure?: ((error: unknown) => void) | undefined;
  /** Aborted with the reason where the download fails or is stopped; whatever gives the blocks listens to it. */
  controller: AbortController;
}

/** One fetch of a blob, stored and verified, that any number of readers follow at their own pace. */
export interface SharedDownload {
  readonly size: number;
  /** Fails with the reason where the download fails. */
  follow(range?: ByteSpan): BlockReader;
  /** As `follow`, for who wants a stream. */
  read(range?: ByteSpan): Readable;
  /** A reader is expected: the download is not stopped before it has come and gone. */
  expectReader(): () => void;
  /** Whether it can still be read. */
  readonly isOpen: boolean;
  /** No further reader comes. The memory and the file are let go with the last one. */
  close(): void;
  /** Resolves when it is stored or failed, and never rejects. The readers may take longer. */
  readonly done: Promise<void>;
}

/**
 * When its last reader has gone, a download goes on where `isWorthFinishing`: a client that was cut comes back, and half
 * of a large blob is not thrown away. Otherwise it is stopped, and the next asker starts afresh.
 */
export function startSharedDownload(options: SharedDownloadOptions): SharedDownload {
  const { size, writer, controller } = options;
  const { signal } = controller;
  const arriving = openArrivingBlob({ ...options, signal });
  let users = 0;
  let isStored = false;
  let isOpen = true;

  signal.addEventListener("abort", arriving.wake);
  /** The writer's file is needed until it is stored and the last reader has gone; others may come until `close`. */
  function closeWhenUnused(): void {
    if (users > 0) return;
    if (isStored) {
      if (isOpen) return;
      arriving.letGo();
      void writer.close().catch(() => undefined);
    } else if (!arriving.isVerified && !isWorthFinishing(arriving.received, size)) {
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
  function follow(range: ByteSpan = { start: 0, end: size - 1 }): BlockReader {
    return followBlob(arriving, range, expectReader());
  }

  const done = receive(options, arriving).then(
    () => {
      isStored = true;
      closeWhenUnused();
    },
    async (error: unknown) => {
      controller.abort(error);
      arriving.letGo();
      await writer.discard().catch(() => undefined);
    },
  );
  return {
    ...{ size, expectReader, follow, read: (range) => streamOf(follow(range)), done },
    get isOpen() {
      return isOpen;
    },
    close() {
      isOpen = false;
      closeWhenUnused();
    },
  };
}

/** Bytes received of the blob's size: all of a small blob, or the larger half. */
function isWorthFinishing(received: number, size: number): boolean {
  return size <= 16 * 1024 * 1024 || received * 2 >= size;
}

async function receive(
  { blocks, writer, digest, size, pool, onStoreFailure, controller: { signal } }: SharedDownloadOptions,
  arriving: ArrivingBlob,
): Promise<void> {
  for await (const bytes of blocks) {
    signal.throwIfAborted();
    if (arriving.received + bytes.byteLength > size) {
      throw new UpstreamFailure("faulty", `blob ${digest} is longer than its size`);
    }
    await arriving.keepPace();
    await arriving.add(pool.lend(bytes), writer.append(bytes));
  }
  signal.throwIfAborted();
  await verifyBlob(writer, digest);
  arriving.showAll();
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

/** Nobody says when a stream's bytes are used up: they are copied. */
function streamOf(reader: BlockReader): Readable {
  const stream = new Readable({
    highWaterMark: blockSize,
    read() {
      reader.next().then(
        (block) => {
          stream.push(block === undefined ? null : Buffer.from(block.bytes));
          block?.release();
        },
        (error: Error) => stream.destroy(error),
      );
    },
    destroy(error, callback) {
      reader.close();
      callback(error);
    },
  });
  return stream;
}
