import { isRecord, parseJson } from "../json-document.ts";
import type { FileCoverageRecord } from "../report.ts";
import { ReportFileError } from "../report-file-error.ts";

/**
 * SimpleCov's `.resultset.json`: `{"RSpec": {"coverage": {"FILE": {"lines": [1, 0, null], "branches": {…}}}}}`; versions
 * before 0.18 have the list of lines alone. https://github.com/simplecov-ruby/simplecov
 */
export function parseSimplecov(text: string): FileCoverageRecord[] {
  const sets = parseJson(text);
  if (!isRecord(sets)) throw new ReportFileError("expected an object of result sets");
  const files = new Map<string, { lines: (number | null)[]; branches: Map<string, number> }>();
  for (const [name, set] of Object.entries(sets)) {
    if (!isRecord(set) || !isRecord(set.coverage)) throw new ReportFileError(`the result set ${name} has no coverage`);
    for (const [file, coverage] of Object.entries(set.coverage)) {
      const merged = files.get(file) ?? { lines: [], branches: new Map() };
      addLines(merged.lines, Array.isArray(coverage) ? coverage : isRecord(coverage) ? coverage.lines : []);
      addBranches(merged.branches, isRecord(coverage) ? coverage.branches : undefined);
      files.set(file, merged);
    }
  }
  return [...files].map(([filePath, { lines, branches }]) => {
    const linesCovered = lines.filter((count) => count !== null && count > 0).length;
    const branchesCovered = [...branches.values()].filter((count) => count > 0).length;
    return {
      filePath,
      linesCovered,
      linesMissed: lines.filter((count) => count === 0).length,
      branchesCovered,
      branchesMissed: branches.size - branchesCovered,
    };
  });
}

/** One file may be in the sets of several test commands. `null` is a line without code, `"ignored"` one that is left out. */
function addLines(merged: (number | null)[], lines: unknown): void {
  if (!Array.isArray(lines)) return;
  for (const [index, count] of lines.entries()) {
    const before = merged[index] ?? null;
    merged[index] = typeof count === "number" ? (before ?? 0) + count : before;
  }
}

function addBranches(merged: Map<string, number>, branches: unknown): void {
  if (!isRecord(branches)) return;
  for (const [condition, sides] of Object.entries(branches)) {
    if (!isRecord(sides)) continue;
    for (const [side, count] of Object.entries(sides)) {
      const key = `${condition} ${side}`;
      merged.set(key, (merged.get(key) ?? 0) + (typeof count === "number" ? count : 0));
    }
  }
}
