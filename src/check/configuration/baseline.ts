import { readFileSync, writeFileSync } from "node:fs";
import { UsageError } from "../../usage-error.ts";
import type { ReportedFinding } from "../report/check-report.ts";

/** What was found before and is to be mended later. The code, path and text are for people; the fingerprint decides. */
export interface BaselineEntry {
  fingerprint: string;
  code: string;
  path: string;
  text: string;
}

const version = 1;

/** Throws UsageError CHECK_BASELINE for a file that cannot be read, or that `writeBaseline` has not written. */
export function readBaseline(file: string, shown: string): BaselineEntry[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError("CHECK_BASELINE", `the baseline cannot be read: ${shown}`, {
      ...{ cause: error, hint: "--write-baseline makes it" },
    });
  }
  const entries = parseEntries(text);
  if (entries === undefined) {
    throw new UsageError("CHECK_BASELINE", "this is no baseline of chubo check", {
      ...{ file: shown, hint: "--write-baseline makes it anew" },
    });
  }
  return entries;
}

export function writeBaseline(file: string, shown: string, findings: readonly ReportedFinding[]): void {
  const entries: BaselineEntry[] = findings.map(({ fingerprint, code, file: { path, text }, range, pull }) => ({
    ...{ fingerprint, code, path },
    text: pull?.image.written ?? text.slice(range.start, range.end).slice(0, 100),
  }));
  try {
    writeFileSync(file, `${JSON.stringify({ version, findings: entries }, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError("CHECK_BASELINE", `the baseline cannot be written: ${shown}`, { cause: error });
  }
}

function parseEntries(text: string): BaselineEntry[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed) || parsed.version !== version || !Array.isArray(parsed.findings)) return undefined;
    return parsed.findings.every(isEntry) ? parsed.findings : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is BaselineEntry {
  return isRecord(value) && ["fingerprint", "code", "path", "text"].every((name) => typeof value[name] === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
