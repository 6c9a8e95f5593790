import { findJsonError } from "../../../template/find-json-error.ts";
import { ReportFileError } from "./report-file-error.ts";

/** Throws ReportFileError with line and column. */
export function parseJson(text: string): unknown {
  const content = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(content);
  } catch {
    // The parser's own message quotes the file, and does not always tell the place.
    const before = content.slice(0, findJsonError(content) ?? 0).split("\n");
    throw new ReportFileError("not JSON", { line: before.length, column: (before.at(-1) ?? "").length + 1 });
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
