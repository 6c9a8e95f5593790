import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Readable } from "node:stream";
import { IncomingMessage } from "../node-http.ts";
import { algorithmOf, type Digest, type DigestAlgorithm } from "../oci/digest.ts";
import {
  type ContentSpool,
  type ContentWriter,
  DigestMismatch,
  type FinishSteps,
  type StoredContent,
} from "./content-store.ts";
import { createFlusher } from "./flusher.ts";
import { freeChunk, gatherChunks } from "./gather-blocks.ts";

/** Where finished content goes, and whether it must survive a loss of power. */
export interface FilePlace {
  pathOf(digest: Digest): string;
  durable: boolean;
}

/** A write into the file `path`, whose base name is its ID. */
export async function startFileWrite(path: string, place: FilePlace): Promise<ContentWriter> {
  await (await open(path, "wx")).close();
  // Most content is named by sha256; another algorithm costs a second reading at the end.
  return fileWriter(path, place, { size: 0, sha256: createHash("sha256") });
}

/** Goes on behind the first `size` bytes of the file. */
export async function resumeFileWrite(path: string, place: FilePlace, size: number): Promise<ContentWriter> {
  await using file = await open(path, "r+");
  await file.truncate(size);
  return fileWriter(path, place, { size });
}

/** The file is open only while bytes arrive: an upload session that nobody goes on with costs no descriptor. */
function fileWriter(path: string, place: FilePlace, progress: Progress): ContentWriter {
  return {
    id: basename(path),
    get size() {
      return progress.size;
    },
    async append(content) {
      await using file = await open(path, "r+");
      return await appendTo(file, progress, content, place.durable);
    },
    sync: async () => void (place.durable && (await syncPath(path))),
    finish: (expected, steps) => finish(path, place, progress, expected, steps),
    discard: () => rm(path, { force: true }),
  };
}

export async function startFileSpool(path: string, place: FilePlace): Promise<ContentSpool> {
  const file = await open(path, "wx+");
  const progress: Progress = { size: 0, sha256: createHash("sha256") };
  return {
    get size() {
      return progress.size;
    },
    append: (content) => appendTo(file, progress, content, place.durable),
    async finish(expected, steps) {
      try {
        return await finish(path, place, progress, expected, steps);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    async discard() {
      await rm(path, { force: true });
      await file.close();
    },
    verify: (expected) => verify(path, progress, expected),
    readSoFar: async ({ start, end }, memory = Buffer.allocUnsafe(end - start + 1)) => {
      const block = memory.subarray(0, end - start + 1);
      await readWhole(file, block, start);
      return block;
    },
    close: () => file.close(),
  };
}

interface Progress {
  size: number;
  /** Absent where it does not stand for all of the file, which is read again at the end. */
  sha256?: Hash | undefined;
}

/** Bytes after which a long stream begins to be brought to the disk, so that the sync at its end has little left to do. */
const flushedAtOnce = 32 * 1024 * 1024;

async function appendTo(
  file: FileHandle,
  progress: Progress,
  content: Readable | Uint8Array,
  durable: boolean,
): Promise<number> {
  const { size: start } = progress;
  const flusher = createFlusher(() => file.datasync());
  let flushedAt = start;
  const undo = async (error: unknown) => {
    // The hash is ahead of the file.
    Object.assign(progress, { size: start, sha256: undefined });
    await file.truncate(start);
    throw error;
  };
  try {
    // Whoever sent the stream can still be answered where the disk fails.
    const isStream = !(content instanceof Uint8Array);
    const blocks = isStream ? gatherChunks(content, { destroyOnReturn: false }) : [[content]];
    for await (const chunks of blocks) {
      await writeAndHash(file, progress, chunks, undo);
      if (content instanceof IncomingMessage) chunks.forEach(freeChunk);
      if (!durable || progress.size - flushedAt < flushedAtOnce) continue;
      flushedAt = progress.size;
      flusher.begin();
    }
  } finally {
    await flusher.settle().catch(undo);
  }
  return progress.size;
}

async function writeAndHash(
  file: FileHandle,
  progress: Progress,
  chunks: Uint8Array[],
  undo: (error: unknown) => Promise<never>,
): Promise<void> {
  const size = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const written = writeChunks(file, chunks, size, progress.size);
  try {
    // Beside the write, which another thread does.
    for (const chunk of chunks) progress.sha256?.update(chunk);
  } finally {
    await written.catch(undo);
  }
  progress.size += size;
}

async function writeChunks(file: FileHandle, chunks: Uint8Array[], size: number, position: number): Promise<void> {
  const { bytesWritten } = await file.writev(chunks, position);
  // Seldom: a signal, or a disk that is nearly full.
  if (bytesWritten < size)
    await writeWhole(file, Buffer.concat(chunks).subarray(bytesWritten), position + bytesWritten);
}

async function writeWhole(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position + written);
    written += bytesWritten;
  }
}

async function readWhole(file: FileHandle, block: Buffer, start: number): Promise<void> {
  const { byteLength } = block;
  for (let read = 0; read < byteLength; ) {
    const { bytesRead } = await file.read(block, read, byteLength - read, start + read);
    if (bytesRead === 0) throw new RangeError(`only ${start + read} bytes are there, not ${start + byteLength}`);
    read += bytesRead;
  }
}

async function verify(path: string, progress: Progress, expected: Digest): Promise<void> {
  const digest = await digestSoFar(path, progress, algorithmOf(expected));
  if (digest !== expected) throw new DigestMismatch(`content has digest ${digest}, not ${expected}`);
}

async function digestSoFar(path: string, { sha256 }: Progress, algorithm: DigestAlgorithm): Promise<Digest> {
  if (algorithm === "sha256" && sha256 !== undefined) return `sha256:${sha256.copy().digest("hex")}`;
  const hash = createHash(algorithm);
  const content = createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  for await (const chunk of content) hash.update(chunk);
  return `${algorithm}:${hash.digest("hex")}`;
}

async function finish(
  path: string,
  place: FilePlace,
  progress: Progress,
  expected?: Digest,
  steps: FinishSteps = {},
): Promise<StoredContent> {
  const { algorithm = expected === undefined ? "sha256" : algorithmOf(expected) } = steps;
  const digest = await digestSoFar(path, progress, algorithm);
  if (expected !== undefined && digest !== expected) {
    await rm(path, { force: true });
    throw new DigestMismatch(`content has digest ${digest}, not ${expected}`);
  }
  if (place.durable) await syncPath(path);
  return publish(path, place, { digest, size: progress.size }, steps);
}

/** Content and write are two names of one file until the record is made: a process may die in between and lose neither. */
async function publish(
  path: string,
  { pathOf, durable }: FilePlace,
  stored: StoredContent,
  { announce, record }: FinishSteps,
): Promise<StoredContent> {
  announce?.(stored.digest);
  const to = pathOf(stored.digest);
  const directory = dirname(to);
  if (!existsSync(directory)) await mkdir(directory, { recursive: true });
  await linkOrMove(path, to);
  // The name is durable once its directory is synced.
  if (durable) await syncPath(directory);
  record?.(stored);
  await rm(path, { force: true });
  return stored;
}

async function linkOrMove(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The same content, from somebody else.
    if (code === "EEXIST") return;
    // File systems without hard links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EMLINK") throw error;
    await rename(from, to);
  }
}

async function syncPath(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
