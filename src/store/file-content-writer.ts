import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { algorithmOf, type Digest, type DigestAlgorithm } from "../oci/digest.ts";
import { type ContentSpool, type ContentWriter, DigestMismatch } from "./content-store.ts";
import { gatherBlocks } from "./gather-blocks.ts";

/** Where finished content goes, and whether it must survive a loss of power. */
export interface FilePlace {
  pathOf(digest: Digest): string;
  durable: boolean;
}

/** The file is open only while bytes arrive: an upload session that nobody goes on with costs no descriptor. */
export async function startFileWrite(path: string, place: FilePlace): Promise<ContentWriter> {
  await (await open(path, "wx")).close();
  const write = startFile(path, place);
  return {
    get size() {
      return write.size;
    },
    async append(content) {
      await using file = await open(path, "r+");
      return await write.appendTo(file, content);
    },
    finish: write.finish,
    discard: write.discard,
  };
}

export async function startFileSpool(path: string, place: FilePlace): Promise<ContentSpool> {
  const file = await open(path, "wx+");
  const write = startFile(path, place);
  return {
    get size() {
      return write.size;
    },
    append: (content) => write.appendTo(file, content),
    finish: write.finish,
    async discard() {
      await write.discard();
      await file.close();
    },
    verify: write.verify,
    readSoFar: ({ start, end }) => readWhole(file, start, end - start + 1),
    close: () => file.close(),
  };
}

function startFile(path: string, place: FilePlace) {
  // Most content is named by sha256; another algorithm costs a second reading at the end.
  const sha256 = createHash("sha256");
  let size = 0;

  const discard = () => rm(path, { force: true });
  async function verify(expected: Digest): Promise<void> {
    const digest = await digestSoFar(path, sha256, algorithmOf(expected));
    if (digest !== expected) throw new DigestMismatch(`content has digest ${digest}, not ${expected}`);
  }
  return {
    get size() {
      return size;
    },
    async appendTo(file: FileHandle, content: Readable | Uint8Array) {
      const blocks = content instanceof Uint8Array ? [content] : gatherBlocks(content);
      for await (const block of blocks) {
        const written = writeWhole(file, block, size);
        try {
          // Beside the write, which another thread does.
          sha256.update(block);
        } finally {
          await written;
        }
        size += block.byteLength;
      }
      return size;
    },
    verify,
    async finish(expected?: Digest, algorithm: DigestAlgorithm = expected ? algorithmOf(expected) : "sha256") {
      try {
        const digest = await digestSoFar(path, sha256, algorithm);
        if (expected !== undefined && digest !== expected) {
          throw new DigestMismatch(`content has digest ${digest}, not ${expected}`);
        }
        if (place.durable) await syncPath(path);
        await moveIntoPlace(path, place.pathOf(digest), place.durable);
        return { digest, size };
      } catch (error) {
        await discard();
        throw error;
      }
    },
    discard,
  };
}

/** A failed write leaves the hash ahead of the file; `appendTo` has then thrown, and only `discard` may follow. */
async function writeWhole(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position + written);
    written += bytesWritten;
  }
}

async function readWhole(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, start + read);
    if (bytesRead === 0) throw new RangeError(`only ${start + read} bytes are there, not ${start + length}`);
    read += bytesRead;
  }
  return buffer;
}

async function digestSoFar(path: string, sha256: Hash, algorithm: DigestAlgorithm): Promise<Digest> {
  if (algorithm === "sha256") return `sha256:${sha256.copy().digest("hex")}`;
  const hash = createHash(algorithm);
  const content = createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  for await (const chunk of content) hash.update(chunk);
  return `${algorithm}:${hash.digest("hex")}`;
}

/** The rename is durable once its directory is synced. */
async function moveIntoPlace(from: string, to: string, durable: boolean): Promise<void> {
  const directory = dirname(to);
  if (!existsSync(directory)) await mkdir(directory, { recursive: true });
  await rename(from, to);
  if (durable) await syncPath(directory);
}

async function syncPath(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
