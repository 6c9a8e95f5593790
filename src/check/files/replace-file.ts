import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../usage-error.ts";
import type { SourceFile } from "../source-file.ts";

/**
 * Puts the new text in the place of the file, whole or not at all, with the old one's mode. Throws UsageError CHECK_CHANGED
 * where the file is not any more what was read, and CHECK_WRITE where it cannot be written.
 */
export function replaceFile(root: string, { path, text: read }: SourceFile, text: string): void {
  const file = join(root, path);
  const draft = `${file}.chubo-${process.pid}`;
  try {
    const status = lstatSync(file);
    // What it leads to may be anybody's, and the link itself would be lost.
    if (!status.isFile())
      throw new UsageError("CHECK_WRITE", `${path} is a symbolic link, and is left`, { file: path });
    const bytes = Buffer.from(text);
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      fchmodSync(descriptor, status.mode & 0o7777);
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (!readFileSync(file).equals(Buffer.from(read))) throw changed(path);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    if (error instanceof UsageError) throw error;
    throw new UsageError("CHECK_WRITE", `${path} cannot be written`, { file: path, cause: error });
  }
}

function changed(path: string): UsageError {
  return new UsageError("CHECK_CHANGED", `${path} has changed since it was read, and is left as it is`, {
    file: path,
    hint: "run chubo fix again",
  });
}
