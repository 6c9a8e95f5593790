import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UsageError } from "../../usage-error.ts";
import type { SourceFile } from "../source-file.ts";
import { newSuffix, oldSuffix, openReplacementRecord, type ReplacementRecord } from "./replacement-record.ts";

export interface Replacement {
  file: SourceFile;
  /** The whole new text. */
  text: string;
}

/** New texts that lie beside the old ones and wait for their places. */
export interface StagedFiles {
  /**
   * Puts them all in their places, or none: where one cannot be put there, or the signal is aborted, those before it get
   * their old texts back. Each file is whole at any moment. To be called once.
   */
  commit(signal?: AbortSignal): Promise<void>;
}

/**
 * Writes the new texts beside the files, with their modes, and makes sure that all files are what was read. Throws UsageError
 * CHECK_CHANGED where one is not, CHECK_WRITE where one cannot be written, CHECK_BUSY while another process does the same.
 */
export function stageFiles(root: string, replacements: readonly Replacement[]): StagedFiles {
  const record = openReplacementRecord(
    root,
    replacements.map(({ file }) => file.path),
  );
  try {
    for (const { file, text } of replacements) attempt(file.path, () => writeNew(root, file.path, text));
    for (const { file } of replacements) attempt(file.path, () => keepOld(root, file));
  } catch (error) {
    clear(root, replacements, record);
    throw error;
  }
  return { commit: (signal) => commit(root, replacements, { record, ...(signal && { signal }) }) };
}

async function commit(
  root: string,
  replacements: readonly Replacement[],
  { record, signal }: { record: ReplacementRecord; signal?: AbortSignal },
): Promise<void> {
  const done: string[] = [];
  try {
    for (const { file } of replacements) {
      // A signal is told between two turns of the loop only.
      await setImmediate();
      signal?.throwIfAborted();
      attempt(file.path, () => renameSync(join(root, file.path) + newSuffix, join(root, file.path)));
      done.push(file.path);
    }
  } catch (error) {
    // From here on what lies beside a file is all that is left of its old text, until it is back.
    for (const path of done) {
      attempt(path, () => renameSync(join(root, path) + oldSuffix, join(root, path)));
    }
    clear(root, replacements, record);
    throw error;
  }
  clear(root, replacements, record);
}

function writeNew(root: string, path: string, text: string): void {
  const file = join(root, path);
  const status = lstatSync(file);
  // What it leads to may be anybody's, and the link itself would be lost.
  if (!status.isFile()) throw new UsageError("CHECK_WRITE", `${path} is a symbolic link, and is left`, { file: path });
  const bytes = Buffer.from(text);
  const descriptor = openSync(file + newSuffix, "wx", 0o600);
  try {
    fchmodSync(descriptor, status.mode & 0o7777);
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A second name of the file itself: it takes no room on the disk, and a rename puts it back. */
function keepOld(root: string, { path, text }: SourceFile): void {
  const file = join(root, path);
  linkSync(file, file + oldSuffix);
  if (readFileSync(file).equals(Buffer.from(text))) return;
  throw new UsageError("CHECK_CHANGED", `${path} has changed since it was read; no file is changed`, {
    file: path,
    hint: "run chubo fix again",
  });
}

function clear(root: string, replacements: readonly Replacement[], record: ReplacementRecord): void {
  record.settle();
  for (const { file } of replacements) {
    for (const suffix of [newSuffix, oldSuffix]) rmSync(join(root, file.path) + suffix, { force: true });
  }
  record.remove();
}

function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError("CHECK_WRITE", `${path} cannot be written`, { file: path, cause: error });
  }
}
