import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "../source-file.ts";
import { noRegularFile, type PassedOver, unreadableReason } from "./walk-files.ts";

/** Nobody writes a larger one by hand, and a parser would take seconds and hundreds of megabytes. */
export const largestFile = 5_000_000;

/** To open a FIFO waits for whoever writes to it, and what is no regular file is not read at all. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What nearly all files fit in. */
const usualSize = 64 * 1024;

/** Undefined for a text that holds none of `words`. */
export type SourceFileReader = (path: string, words?: readonly string[]) => SourceFile | PassedOver | undefined;

/** Reads files below `root` one after the other, each without loss, or says why one is passed over. */
export function openSourceFiles(root: string): SourceFileReader {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  // One for all: a buffer a file is more memory, outside of the heap, than all that is kept of them.
  const usual = Buffer.allocUnsafeSlow(usualSize);
  return (path, words) => {
    try {
      const bytes = readBytes(join(root, path), usual);
      if (typeof bytes === "string") return { path, reason: bytes };
      if (bytes.subarray(0, 8000).includes(0)) return { path, reason: "binary" };
      if (words !== undefined && isUtf8(bytes) && !words.some((word) => bytes.includes(word, 0, "latin1")))
        return undefined;
      return { path, text: decoder.decode(bytes) };
    } catch (error) {
      const isEncoding =
        error instanceof TypeError && (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA";
      return { path, reason: isEncoding ? "not UTF-8" : unreadableReason(error) };
    }
  };
}

/** The file's bytes, in `usual` where they have room there; or why they are not read. */
function readBytes(file: string, usual: Buffer): Buffer | string {
  const descriptor = openSync(file, flags);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return noRegularFile;
    if (status.size > largestFile) return `larger than ${largestFile / 1_000_000} MB`;
    const into = status.size <= usual.length ? usual : Buffer.allocUnsafeSlow(status.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < status.size; length += read) {
      read = readSync(descriptor, into, length, status.size - length, null);
    }
    return into.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
