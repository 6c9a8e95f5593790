import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
} from "node:fs";
import { PhaseFailure } from "../run/phase-failure.ts";
import type { ArtifactFile } from "./collect-artifacts.ts";
import { isInside } from "./source-tree.ts";
import type { ZipEntry } from "./zip-writer.ts";

/** Larger files are streamed. */
const wholeUpTo = 64 * 1024;

/** Files that are read before others get their turn. */
const turn = 32;

/** Linux keeps the path of an open file here: nothing can be put in its place after that. */
const openFiles = "/proc/self/fd";

const regularType = 0o100000;
const linkType = 0o120000;

/** The files as entries of an archive, read as they are asked for. */
export async function* archiveEntries(
  files: readonly ArtifactFile[],
  root: string,
  signal: AbortSignal,
): AsyncGenerator<ZipEntry> {
  for (const [index, file] of files.entries()) {
    signal.throwIfAborted();
    yield file.linkTarget === undefined ? readFile(file, root) : linkEntry(file.name, file.linkTarget);
    if (index % turn === turn - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

function linkEntry(name: string, target: string): ZipEntry {
  const content = Buffer.from(target);
  return { name, mode: linkType | 0o777, content, size: content.byteLength };
}

/**
 * Opens a file that was found, and makes sure that it is still one below the root: commands that go on in the background may
 * have put a link or a pipe in its place. What grows meanwhile is read as far as it reached.
 */
export function readFile({ name, path }: ArtifactFile, root: string): ZipEntry {
  const descriptor = openFile(path, name);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || !isInside(pathOf(descriptor, path), root)) {
      throw new PhaseFailure("CLIENT_ERROR", `${path} is no longer a file below the source directory`);
    }
    const entry = { name, mode: regularType | (status.mode & 0o777), size: status.size };
    if (status.size > wholeUpTo) {
      const end = status.size - 1;
      return {
        ...entry,
        content: createReadStream("", { fd: descriptor, start: 0, end, highWaterMark: wholeUpTo * 4 }),
      };
    }
    const content = Buffer.allocUnsafe(status.size);
    const read = readSync(descriptor, content, 0, status.size, 0);
    closeSync(descriptor);
    return { ...entry, content: content.subarray(0, read) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openFile(path: string, name: string): number {
  try {
    // A pipe would otherwise be waited for.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The agent's errors are Go's; that this one comes so is a guess.
    throw new PhaseFailure("CLIENT_ERROR", `open ${name}: ${code}`, { cause: error });
  }
}

function pathOf(descriptor: number, path: string): string {
  return process.platform === "linux" ? readlinkSync(`${openFiles}/${descriptor}`) : realpathSync(path);
}
