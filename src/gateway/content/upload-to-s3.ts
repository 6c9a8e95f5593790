import { type InTurn, takeTurns } from "../../store/take-turns.ts";
import type { S3Objects, S3Upload } from "./s3-objects.ts";

/** Bytes; a blob that is no larger goes in one request. */
export const partSize = 8 * 1024 * 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maximumParts = 10_000;
/** Of one blob at a time. */
const partsAtOnce = 3;

export interface UploadSource {
  size: number;
  /** Resolves when the bytes before `end` are here; throws where they will never be. */
  arrived(end: number): Promise<void>;
  read(range: { start: number; end: number }): Promise<Buffer>;
}

/** An upload that goes on while its bytes come. The object appears whole, by `complete`, or not at all. */
export interface BegunUpload {
  complete(): Promise<void>;
  /** Resolves when nothing of it is left, but for what the bucket's lifecycle rule has to remove. */
  abort(): Promise<void>;
}

export interface S3Uploads {
  begin(key: string, source: UploadSource): BegunUpload;
}

/** `partsInMemory` bounds the memory of all uploads; an upload that waits for its bytes takes none of it. */
export function openS3Uploads(objects: S3Objects, partsInMemory = 12): S3Uploads {
  const inTurn = takeTurns(partsInMemory);
  return {
    begin: (key, source) =>
      source.size <= partSize ? beginSmall(objects, inTurn, key, source) : beginParts(objects, inTurn, key, source),
  };
}

/** One request shows the object at once, and so waits for the end. */
function beginSmall(objects: S3Objects, inTurn: InTurn, key: string, { size, read }: UploadSource): BegunUpload {
  return {
    complete: () =>
      inTurn(async () => {
        await objects.put(key, size === 0 ? Buffer.alloc(0) : await read({ start: 0, end: size - 1 }));
      }),
    abort: async () => undefined,
  };
}

function beginParts(objects: S3Objects, inTurn: InTurn, key: string, source: UploadSource): BegunUpload {
  const sent = sendAll(objects, inTurn, key, source);
  // Told by `complete`.
  sent.catch(() => undefined);
  return {
    async complete() {
      const upload = await sent;
      await upload.complete().catch((error: unknown) => abort(upload, error));
    },
    async abort() {
      const upload = await sent.catch(() => undefined);
      await upload?.abort().catch(() => undefined);
    },
  };
}

async function abort(upload: S3Upload, reason: unknown): Promise<never> {
  // What cannot be aborted either is left to the bucket's lifecycle rule.
  await upload.abort().catch(() => undefined);
  throw reason;
}

async function sendAll(objects: S3Objects, inTurn: InTurn, key: string, source: UploadSource): Promise<S3Upload> {
  // What breaks off at its beginning costs the bucket nothing.
  await source.arrived(partSize);
  const upload = await objects.startUpload(key);
  await sendParts(upload, inTurn, source).catch((error: unknown) => abort(upload, error));
  return upload;
}

async function sendParts(upload: S3Upload, inTurn: InTurn, { size, arrived, read }: UploadSource): Promise<void> {
  const length = Math.max(partSize, Math.ceil(size / maximumParts));
  const count = Math.ceil(size / length);
  let next = 0;
  let isFailed = false;
  async function sendRest(): Promise<void> {
    while (next < count && !isFailed) {
      const start = next * length;
      const end = Math.min(start + length, size);
      next += 1;
      const number = next;
      try {
        await arrived(end);
        if (!isFailed) await inTurn(async () => upload.part(number, await read({ start, end: end - 1 })));
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  }
  // All have ended when this throws, so that none goes on beside the abort.
  const ends = await Promise.allSettled(Array.from({ length: partsAtOnce }, sendRest));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
