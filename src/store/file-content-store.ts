import { randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { opendir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { ContentStore } from "./content-store.ts";
import { startFileSpool, startFileWrite } from "./file-content-writer.ts";

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
  const place = { pathOf, durable };
  const startWrite = () => startFileWrite(join(incoming, randomUUID()), place);
  return {
    startWrite,
    startSpool: () => startFileSpool(join(incoming, randomUUID()), place),
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
    list: () => listDigests(content),
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

async function* listDigests(content: string): AsyncGenerator<Digest> {
  for await (const entry of await opendir(content, { recursive: true })) {
    if (!entry.isFile()) continue;
    // CONTENT/ALGORITHM/AB/HEX
    const digest = `${basename(join(entry.parentPath, ".."))}:${entry.name}`;
    if (isDigest(digest)) yield digest;
  }
}
