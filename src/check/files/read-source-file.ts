import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "../source-file.ts";
import { type PassedOver, unreadableReason } from "./walk-files.ts";

/** Nobody writes a larger one by hand, and a parser would take seconds and hundreds of megabytes. */
export const largestFile = 5_000_000;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a file without loss, or says why it is passed over. */
export function readSourceFile(root: string, path: string): SourceFile | PassedOver {
  try {
    const file = join(root, path);
    const status = statSync(file);
    // To open a FIFO waits for whoever writes to it.
    if (!status.isFile()) return { path, reason: "no regular file" };
    const { size } = status;
    if (size > largestFile) return { path, reason: `larger than ${largestFile / 1_000_000} MB` };
    const bytes = readFileSync(file);
    if (bytes.subarray(0, 8000).includes(0)) return { path, reason: "binary" };
    return { path, text: decoder.decode(bytes) };
  } catch (error) {
    const isEncoding =
      error instanceof TypeError && (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA";
    return { path, reason: isEncoding ? "not UTF-8" : unreadableReason(error) };
  }
}
