import { createWriteStream } from "node:fs";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Entry, ZipFile } from "yauzl";
import { PhaseFailure } from "../run/phase-failure.ts";

/** Bits of a Unix mode: inode(7). */
const fileTypeMask = 0o170000;
const linkType = 0o120000;

/** Files up to here are unpacked in memory, which is faster. */
const wholeUpTo = 256 * 1024;

/** PATH_MAX of Linux. */
const longestTarget = 4096;

/**
 * What an archive may unpack to. Text is seldom a twentieth of its size when packed, and deflate makes a thousandth of zeros at
 * the least: what is beyond was made to fill a disk.
 */
const most = { files: 1_000_000, freeBytes: 256 * 1024 ** 2, timesItsSize: 200 };

/**
 * Unpacks an archive, from memory or as it arrives. An entry that would land outside the directory refuses the whole of it;
 * links are made last, so that no entry is written through one. Throws PhaseFailure CLIENT_ERROR.
 */
export async function unzipInto(archive: Uint8Array | AsyncIterable<Uint8Array>, directory: string): Promise<void> {
  const { fromBufferPromise, openPromise } = await import("yauzl");
  if (archive instanceof Uint8Array) {
    // yauzl itself refuses absolute names and `..`.
    return unpack(
      () => fromBufferPromise(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)),
      directory,
    );
  }
  // The directory of an archive stands at its end.
  const spool = `${directory}.incoming.zip`;
  try {
    await pipeline(archive, createWriteStream(spool, { mode: 0o600, flags: "wx" }));
    await unpack(() => openPromise(spool), directory);
  } finally {
    await rm(spool, { force: true });
  }
}

async function unpack(open: () => Promise<ZipFile>, directory: string): Promise<void> {
  try {
    const zip = await open();
    const links: { target: string; path: string }[] = [];
    const checkSize = sizeCheck(zip);
    for await (const entry of zip.eachEntry()) {
      checkSize(entry);
      const path = join(directory, normalize(entry.fileName));
      if (!path.startsWith(directory + sep)) throw new Error(`${entry.fileName} leads out of the archive`);
      const isDirectory = entry.fileName.endsWith("/");
      await mkdir(isDirectory ? path : dirname(path), { recursive: true });
      if (isDirectory) continue;
      const mode = entry.externalFileAttributes >>> 16;
      if ((mode & fileTypeMask) === linkType) links.push({ target: await readTarget(zip, entry), path });
      else await writeEntry(zip, entry, path, mode === 0 ? 0o644 : mode & 0o777);
    }
    for (const { target, path } of links) await symlink(target, path);
  } catch (error) {
    const { message } = error as Error;
    throw new PhaseFailure("CLIENT_ERROR", `the source archive cannot be unpacked: ${message}`, { cause: error });
  }
}

/** yauzl holds an entry to the size that it declares, so that the declared sizes can be relied on. */
function sizeCheck({ fileSize, entryCount }: ZipFile): (entry: Entry) => void {
  if (entryCount > most.files) throw new Error(`it has more than ${most.files} files`);
  const mostBytes = most.freeBytes + most.timesItsSize * fileSize;
  let bytes = 0;
  return ({ uncompressedSize }) => {
    bytes += uncompressedSize;
    if (bytes > mostBytes) throw new Error(`its ${fileSize} bytes would become more than ${mostBytes}`);
  };
}

async function readTarget(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > longestTarget) throw new Error(`the target of ${entry.fileName} is too long`);
  return (await buffer(await zip.openReadStreamPromise(entry))).toString();
}

async function writeEntry(zip: ZipFile, entry: Entry, path: string, mode: number): Promise<void> {
  const content = await zip.openReadStreamPromise(entry);
  if (entry.uncompressedSize <= wholeUpTo) await writeFile(path, await buffer(content), { mode });
  else await pipeline(content, createWriteStream(path, { mode }));
  if ((mode & process.umask()) !== 0) await chmod(path, mode);
}
