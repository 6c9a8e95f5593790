import { createHash, type Hash, randomUUID } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { algorithmOf, type Digest, type DigestAlgorithm } from "../oci/digest.ts";
import { type ContentStore, type ContentWriter, DigestMismatch, type StoredContent } from "./content-store.ts";

/** Reads in pieces of 1 MiB reach several times the throughput of the default 64 KiB. */
const readSize = 1024 * 1024;

/**
 * `ContentStore` in plain files of one machine:
 *
 *     CONTENT/sha256/ab/abcd…   whole, verified, never changed
 *     INCOMING/UUID             being written; fsync, then renamed to its place
 *
 * Opening sweeps `incoming`, so that two processes must not share it. Where it is not `durable`, nothing waits for the
 * disk, and a loss of power may cost content.
 */
export function openFileContentStore(
  { content, incoming }: { content: string; incoming: string },
  { durable = true } = {},
): ContentStore {
  mkdirSync(content, { recursive: true });
  mkdirSync(incoming, { recursive: true });
  for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { recursive: true, force: true });

  const pathOf = (digest: Digest) => {
    const [algorithm, hex] = digest.split(":") as [string, string];
    return join(content, algorithm, hex.slice(0, 2), hex);
  };
  const startWrite = () => startFileWrite(join(incoming, randomUUID()), pathOf, durable);
  return {
    startWrite,
    size: (digest) => findSize(pathOf(digest)),
    read: (digest, range) => createReadStream(pathOf(digest), { ...range, highWaterMark: readSize }),
    readAll: (digest) => readFile(pathOf(digest)),
    async write(body, expected) {
      const writer = await startWrite();
      try {
        await writer.append(body);
      } catch (error) {
        await writer.discard();
        throw error;
      }
      return writer.finish(expected);
    },
    // Synchronous: nothing else runs between the decision that nobody holds the content and its removal.
    async delete(digest) {
      rmSync(pathOf(digest), { force: true });
    },
  };
}

async function findSize(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The file is open only while bytes arrive: an upload session that nobody goes on with costs no descriptor. */
async function startFileWrite(
  path: string,
  pathOf: (digest: Digest) => string,
  durable: boolean,
): Promise<ContentWriter> {
  await (await open(path, "wx")).close();
  // Most content is named by sha256; another algorithm costs a second reading at the end.
  const hash = createHash("sha256");
  let size = 0;

  const discard = () => rm(path, { force: true });
  return {
    get size() {
      return size;
    },
    async append(content) {
      const chunks = content instanceof Uint8Array ? [content] : (content as AsyncIterable<Uint8Array>);
      await using file = await open(path, "r+");
      for await (const chunk of chunks) {
        await writeWhole(file, chunk, size);
        hash.update(chunk);
        size += chunk.byteLength;
      }
      return size;
    },
    async finish(expected, algorithm = expected === undefined ? "sha256" : algorithmOf(expected)) {
      try {
        if (durable) await syncPath(path);
        const digest = await finalDigest(path, hash, algorithm);
        if (expected !== undefined && digest !== expected) {
          throw new DigestMismatch(`content has digest ${digest}, not ${expected}`);
        }
        await moveIntoPlace(path, pathOf(digest), durable);
        return { digest, size } satisfies StoredContent;
      } catch (error) {
        await discard();
        throw error;
      }
    },
    discard,
  };
}

async function writeWhole(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position + written);
    written += bytesWritten;
  }
}

async function finalDigest(path: string, sha256: Hash, algorithm: DigestAlgorithm): Promise<Digest> {
  if (algorithm === "sha256") return `sha256:${sha256.digest("hex")}`;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: readSize }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
  }
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
