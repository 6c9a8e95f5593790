import type { S3Objects, S3Upload } from "./s3-objects.ts";

/** Bytes; a blob that is no larger goes in one request. */
export const partSize = 8 * 1024 * 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maximumParts = 10_000;
/** Of one blob at a time. */
const partsAtOnce = 3;

export interface UploadSource {
  size: number;
  read(range: { start: number; end: number }): Promise<Buffer>;
}

export interface S3Uploads {
  /** The object appears when it is whole, or not at all. */
  upload(key: string, source: UploadSource): Promise<void>;
}

/** `blobsAtOnce` bounds the memory: three parts of each. Further ones wait for their turn. */
export function openS3Uploads(objects: S3Objects, blobsAtOnce = 4): S3Uploads {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async upload(key, source) {
      if (running >= blobsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        await uploadWhole(objects, key, source);
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}

async function uploadWhole(objects: S3Objects, key: string, { size, read }: UploadSource): Promise<void> {
  if (size <= partSize) {
    await objects.put(key, size === 0 ? Buffer.alloc(0) : await read({ start: 0, end: size - 1 }));
    return;
  }
  const upload = await objects.startUpload(key);
  try {
    await sendParts(upload, { size, read });
    await upload.complete();
  } catch (error) {
    // What cannot be aborted either is left to the bucket's lifecycle rule.
    await upload.abort().catch(() => undefined);
    throw error;
  }
}

async function sendParts(upload: S3Upload, { size, read }: UploadSource): Promise<void> {
  const length = Math.max(partSize, Math.ceil(size / maximumParts));
  const count = Math.ceil(size / length);
  let next = 0;
  let isFailed = false;
  async function sendInTurn(): Promise<void> {
    while (next < count && !isFailed) {
      const start = next * length;
      next += 1;
      const number = next;
      try {
        await upload.part(number, await read({ start, end: Math.min(start + length, size) - 1 }));
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  }
  // All have ended when this throws, so that none goes on beside the abort.
  const ends = await Promise.allSettled(Array.from({ length: partsAtOnce }, sendInTurn));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
