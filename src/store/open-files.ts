import { close, fstat, open } from "node:fs";
import { promisify } from "node:util";
import { LRUCache } from "lru-cache";
import type { ContentFile } from "./content-store.ts";

/** Files that never change, kept open for the next reader. */
export interface OpenFiles {
  /** Undefined where there is no such file. At once where it is open already. */
  open(path: string): ContentFile | Promise<ContentFile | undefined>;
  /** Bytes, of a file that is open. */
  sizeOf(path: string): number | undefined;
  /** To be called when the file is removed: who reads it still can, the next one does not find it. */
  forget(path: string): void;
  close(): void;
}

interface OpenFile {
  fd: number;
  size: number;
  readers: number;
  isForgotten: boolean;
}

const openPath = promisify(open);
const statFile = promisify(fstat);
const closeFile = promisify(close);

/** Files are numbers here and no FileHandle: opening and closing is counted, and nothing is left to a collector. */
export function createOpenFiles({ maximum = 64 }: { maximum?: number } = {}): OpenFiles {
  const files = new LRUCache<string, OpenFile>({ max: maximum, dispose: forgetFile });
  let removals = 0;
  return {
    open(path) {
      const file = files.get(path);
      return file === undefined ? openFresh(path) : lend(file);
    },
    sizeOf: (path) => files.get(path)?.size,
    forget(path) {
      removals += 1;
      files.delete(path);
    },
    close: () => files.clear(),
  };

  async function openFresh(path: string): Promise<ContentFile | undefined> {
    const removalsBefore = removals;
    let fd: number;
    try {
      fd = await openPath(path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const { size } = await statFile(fd);
    const file = { fd, size, readers: 0, isForgotten: false };
    const lent = lend(file);
    // What may have been removed meanwhile must not be found again.
    if (removals === removalsBefore) files.set(path, file);
    else forgetFile(file);
    return lent;
  }
}

function lend(file: OpenFile): ContentFile {
  file.readers += 1;
  let isLent = true;
  return {
    fd: file.fd,
    size: file.size,
    release() {
      if (!isLent) return;
      isLent = false;
      file.readers -= 1;
      closeUnused(file);
    },
  };
}

function forgetFile(file: OpenFile): void {
  if (file.isForgotten) return;
  file.isForgotten = true;
  closeUnused(file);
}

function closeUnused({ fd, readers, isForgotten }: OpenFile): void {
  if (isForgotten && readers === 0) void closeFile(fd);
}
