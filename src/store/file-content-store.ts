import { randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { opendir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { ContentStore } from "./content-store.ts";
import { resumeFileWrite, startFileSpool, startFileWrite } from "./file-content-writer.ts";
import { createOpenFiles } from "./open-files.ts";

/** Reads in pieces of 1 MiB reach several times the throughput of the default 64 KiB. */
const readSize = 1024 * 1024;

/**
 * `ContentStore` in plain files of one machine, which two processes must not share:
 *
 *     CONTENT/sha256/ab/abcd…   whole, verified, never changed
 *     INCOMING/UUID             being written; fsync, then linked to its place
 *
 * Opening sweeps `incoming`, unless the owner has writes on record there and calls `sweepWrites` itself. Where it is not
 * `durable`, nothing waits for the disk, and a loss of power may cost content.
 */
export function openFileContentStore(
  { content, incoming }: { content: string; incoming: string },
  { durable = true, sweepsAtOpen = true }: { durable?: boolean; sweepsAtOpen?: boolean } = {},
): ContentStore {
  mkdirSync(content, { recursive: true });
  mkdirSync(incoming, { recursive: true });

  const pathOf = (digest: Digest) => {
    const [algorithm, hex] = digest.split(":") as [string, string];
    return join(content, algorithm, hex.slice(0, 2), hex);
  };
  function sweepWrites(isKept: (id: string, size: number) => boolean): void {
    for (const name of readdirSync(incoming)) {
      const path = join(incoming, name);
      if (!isKept(name, statSync(path).size)) rmSync(path, { recursive: true, force: true });
    }
  }

  const place = { pathOf, durable };
  const openFiles = createOpenFiles();
  if (sweepsAtOpen) sweepWrites(() => false);
  const startWrite = () => startFileWrite(join(incoming, randomUUID()), place);
  return {
    startWrite,
    startSpool: () => startFileSpool(join(incoming, randomUUID()), place),
    resumeWrite: (id, size) => resumeFileWrite(join(incoming, id), place, size),
    discardWrite: (id) => rmSync(join(incoming, id), { force: true }),
    sweepWrites,
    async size(digest) {
      const path = pathOf(digest);
      return openFiles.sizeOf(path) ?? findSize(path);
    },
    openFile: (digest) => openFiles.open(pathOf(digest)),
    read: (digest, range) => createReadStream(pathOf(digest), { ...range, highWaterMark: readSize }),
    readAll: (digest) => readFile(pathOf(digest)),
    async write(body, expected, steps) {
      const writer = await startWrite();
      try {
        await writer.append(body);
        return await writer.finish(expected, steps);
      } catch (error) {
        await writer.discard();
        throw error;
      }
    },
    // Synchronous: nothing else runs between the decision that nobody holds the content and its removal.
    async delete(digest) {
      const path = pathOf(digest);
      rmSync(path, { force: true });
      openFiles.forget(path);
    },
    list: () => listDigests(content),
    close: openFiles.close,
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
