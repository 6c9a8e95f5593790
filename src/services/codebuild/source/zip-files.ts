import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import type { ArtifactFile } from "../artifacts/collect-artifacts.ts";
import { PhaseFailure } from "../run/phase-failure.ts";

/** Times in an archive are fixed: the same files make the same bytes. */
const archiveTime = new Date(Date.UTC(2000, 0, 1));

/** Bits of a Unix mode: inode(7). */
const fileTypeMask = 0o170000;
const linkType = 0o120000;

/** Makes a zip archive in memory; CodePipeline's artifacts are always zip. */
export async function zipFiles(files: readonly ArtifactFile[]): Promise<Buffer> {
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  for (const { name, path, mode } of files) {
    zip.addBuffer(await readFile(path), name, { mode, mtime: archiveTime, compressionLevel: 1 });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/**
 * Unpacks a source archive. An entry that would land outside the directory refuses the whole archive; links are made
 * last, so that no entry is written through one.
 */
export async function unzipInto(archive: Buffer, directory: string): Promise<void> {
  const { fromBufferPromise } = await import("yauzl");
  const refuse = (error: Error) => {
    throw new PhaseFailure("CLIENT_ERROR", `the source archive cannot be unpacked: ${error.message}`, { cause: error });
  };
  // yauzl itself refuses absolute names and `..`.
  const zip = await fromBufferPromise(archive).catch(refuse);
  const links: { target: string; path: string }[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const path = join(directory, normalize(entry.fileName));
      if (!path.startsWith(directory + sep)) throw new Error(`${entry.fileName} leads out of the archive`);
      await mkdir(entry.fileName.endsWith("/") ? path : dirname(path), { recursive: true });
      if (entry.fileName.endsWith("/")) continue;
      const content = await buffer(await zip.openReadStreamPromise(entry));
      const mode = entry.externalFileAttributes >>> 16;
      if ((mode & fileTypeMask) === linkType) links.push({ target: content.toString(), path });
      else await writeFile(path, content, { mode: mode === 0 ? 0o644 : mode & 0o777 });
    }
    for (const { target, path } of links) await symlink(target, path);
  } catch (error) {
    refuse(error as Error);
  }
}
