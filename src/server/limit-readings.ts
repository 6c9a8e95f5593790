import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { stateLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";

/** What was left of an identity at a time; a series of them shows how fast others spend from the same address. */
export interface LimitReading {
  /** Milliseconds since 1970. */
  time: number;
  upstream: string;
  identity: string;
  remaining: number;
  limit: number;
  windowSeconds?: number;
  source?: string;
}

/** About ten thousand readings; the older half goes where there are more. */
const maximumSize = 1024 * 1024;

/**
 * Appends to the state directory, which is made where it is not there. It is not locked: a line goes in whole beside
 * those of others, and `chubo limit` is to work while `chubo up` runs. Throws UsageError CONFIG_STATE.
 */
export function keepLimitReadings(root: string, readings: readonly LimitReading[]): void {
  const { limitReadings: file, gitignore } = stateLayout(root);
  if (readings.length === 0) return;
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    if (!existsSync(gitignore)) writeFileSync(gitignore, "*\n");
    appendFileSync(file, readings.map((reading) => `${JSON.stringify(reading)}\n`).join(""), { mode: 0o600 });
    if (statSync(file).size > maximumSize) keepNewerHalf(file);
  } catch (error) {
    throw new UsageError("CONFIG_STATE", `the state directory cannot be written: ${root}`, {
      cause: error,
      hint: "choose another one with --state DIR",
    });
  }
}

/** Oldest first; a line that a crash cut off is left out. */
export function listLimitReadings(root: string): LimitReading[] {
  const { limitReadings: file } = stateLayout(root);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").flatMap(parseReading);
}

function parseReading(line: string): LimitReading[] {
  try {
    return [JSON.parse(line) as LimitReading];
  } catch {
    return [];
  }
}

function keepNewerHalf(file: string): void {
  const lines = readFileSync(file, "utf8").split("\n");
  const kept = `${file}.${process.pid}`;
  writeFileSync(kept, lines.slice(lines.length >> 1).join("\n"), { mode: 0o600 });
  renameSync(kept, file);
}
