import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../oci/digest.ts";
import { startFileSpool } from "../../store/file-content-writer.ts";
import { unavailable } from "./local-parts.ts";
import type { PulledBlobWriter } from "./pulled-content.ts";
import type { BegunUpload, UploadSource } from "./upload-to-s3.ts";

export interface S3BlobWriterParts {
  /** A directory of this process alone. */
  scratch: string;
  /** Nothing of the blob is visible before it is completed. */
  begin(digest: Digest, source: UploadSource): BegunUpload;
  /** Puts a verified blob into the bucket and shows it in the repository. */
  store(repository: string, digest: Digest, size: number, upload: BegunUpload): Promise<void>;
}

/**
 * Spooled to a local file, and on its way into the bucket while it comes where digest and size are known. Undefined where the
 * scratch disk has no room for `size`.
 */
export async function startS3Blob(
  { scratch, begin, store }: S3BlobWriterParts,
  repository: string,
  size?: number,
  expected?: Digest,
): Promise<PulledBlobWriter | undefined> {
  const { bavail, bsize } = await statfs(scratch).catch(unavailable);
  if (bavail * bsize < (size ?? 0)) return undefined;
  const path = join(scratch, randomUUID());
  // It is never finished as a file: its place is the bucket.
  const spool = await startFileSpool(path, { pathOf: () => path, durable: false }).catch(unavailable);
  const arrivals = trackArrivals(() => spool.size);
  const sourceOf = (size: number): UploadSource => ({ size, arrived: arrivals.reached, read: spool.readSoFar });
  let upload = size === undefined || expected === undefined ? undefined : begin(expected, sourceOf(size));
  async function end(reason: Error): Promise<void> {
    arrivals.fail(reason);
    await upload?.abort();
  }
  return {
    get size() {
      return spool.size;
    },
    async append(block) {
      const size = await spool.append(block).catch(unavailable);
      arrivals.note();
      return size;
    },
    readSoFar: spool.readSoFar,
    verify: spool.verify,
    async finish(digest) {
      await spool.verify(digest);
      upload ??= begin(digest, sourceOf(spool.size));
      try {
        await store(repository, digest, spool.size, upload);
      } catch (error) {
        await end(error as Error);
        throw error;
      }
      return { digest, size: spool.size };
    },
    async discard() {
      await end(new Error("the blob is not stored"));
      await spool.discard();
    },
    // `discard` removes the file and closes it.
    close: spool.discard,
  };
}

/** Tells those who wait for a size when it is reached. */
function trackArrivals(sizeNow: () => number) {
  let waiting: { end: number; resolve(): void; reject(reason: Error): void }[] = [];
  let failure: Error | undefined;
  return {
    reached(end: number): Promise<void> {
      if (failure !== undefined) return Promise.reject(failure);
      if (sizeNow() >= end) return Promise.resolve();
      return new Promise((resolve, reject) => waiting.push({ end, resolve, reject }));
    },
    note(): void {
      const size = sizeNow();
      if (!waiting.some(({ end }) => end <= size)) return;
      for (const { end, resolve } of waiting) if (end <= size) resolve();
      waiting = waiting.filter(({ end }) => end > size);
    },
    fail(reason: Error): void {
      failure ??= reason;
      for (const { reject } of waiting.splice(0)) reject(reason);
    },
  };
}
