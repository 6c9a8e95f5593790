import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../usage-error.ts";

/** What lies beside a file while it is replaced: its new text until it is in place, and its old one until all are. */
export const newSuffix = ".chubo-new";
export const oldSuffix = ".chubo-old";

/** Which process replaces which files, in the order in which it does. */
const recordName = ".chubo-fix.json";

interface RecordedReplacement {
  process: number;
  paths: string[];
  isSettled: boolean;
}

export interface ReplacementRecord {
  /** All files are as they stay: what still lies beside them is of no more use. */
  settle(): void;
  remove(): void;
}

const settled = "\nsettled\n";

/** Written before anything else is, so that what a killed process has left can be told. */
export function openReplacementRecord(root: string, paths: readonly string[]): ReplacementRecord {
  const file = join(root, recordName);
  const record: Omit<RecordedReplacement, "isSettled"> = { process: process.pid, paths: [...paths] };
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw busy(file);
    throw new UsageError("CHECK_WRITE", `${recordName} cannot be written`, { file: recordName, cause: error });
  }
  try {
    writeSync(descriptor, JSON.stringify(record));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { settle: () => appendFileSync(file, settled), remove: () => rmSync(file, { force: true }) };
}

/** What a process that was killed in the middle has left. */
export interface KilledReplacement {
  /** With their new texts. */
  replaced: readonly string[];
  /** As they were. */
  left: readonly string[];
}

/**
 * Clears away what a killed process left beside files that are whole, each with its old or its new text, and tells which.
 * Undefined where there is nothing of the kind. Throws UsageError CHECK_BUSY while that process lives.
 */
export function clearKilledReplacement(root: string): KilledReplacement | undefined {
  const file = join(root, recordName);
  if (!existsSync(file)) return undefined;
  const record = readRecord(file);
  if (record !== undefined && isAlive(record.process)) throw busy(file);
  const { paths = [], isSettled = true } = record ?? {};
  const replaced = paths.filter((path) => isReplaced(root, path));
  const left = paths.filter((path) => !replaced.includes(path));
  for (const path of paths) {
    for (const suffix of [newSuffix, oldSuffix]) rmSync(join(root, path) + suffix, { force: true });
  }
  rmSync(file, { force: true });
  return isSettled ? undefined : { replaced, left };
}

/** Its old text has been kept, and its new one is not beside it any more. */
function isReplaced(root: string, path: string): boolean {
  return existsSync(join(root, path) + oldSuffix) && !existsSync(join(root, path) + newSuffix);
}

/** Undefined where it was killed before the record was whole: nothing else was written then. */
function readRecord(file: string): RecordedReplacement | undefined {
  try {
    const text = readFileSync(file, "utf8");
    const isSettled = text.endsWith(settled);
    const { process: pid, paths } = JSON.parse(isSettled ? text.slice(0, -settled.length) : text);
    const isRecord = Number.isSafeInteger(pid) && Array.isArray(paths) && paths.every(isInside);
    return isRecord ? { process: pid, paths, isSettled } : undefined;
  } catch {
    return undefined;
  }
}

/** A repository may come with a file of this name; nothing outside of it is to be removed for that. */
function isInside(path: unknown): boolean {
  return typeof path === "string" && !path.startsWith("/") && !path.split(/[/\\]/).includes("..");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function busy(file: string): UsageError {
  return new UsageError("CHECK_BUSY", "another chubo fix writes files of this directory", {
    hint: `wait for its end; where there is none, remove ${file}`,
  });
}
