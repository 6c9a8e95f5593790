import type { CheckReport, ReportedFinding } from "./check-report.ts";
import { spanOf } from "./source-position.ts";

/** A suite for each file with pulls, a test case for each finding; a file without findings has one that passed. */
export function formatJUnit({ repository, findings }: CheckReport): string {
  const byFile = Map.groupBy(findings, ({ file }) => file.path);
  const paths = new Set([...repository.pulls.map(({ file }) => file.path), ...byFile.keys()]);
  const suites = [...paths].sort().map((path) => formatSuite(path, byFile.get(path) ?? []));
  const count = [...paths].reduce((sum, path) => sum + Math.max(1, byFile.get(path)?.length ?? 0), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="chubo check" tests="${count}" failures="${findings.length}">`,
    ...suites,
    "</testsuites>\n",
  ].join("\n");
}

function formatSuite(path: string, findings: readonly ReportedFinding[]): string {
  const name = escapeXml(path);
  const cases = findings.map(({ code, level, message, hint, file, range }) => {
    const { line, column } = spanOf(file, range);
    const text = escapeXml(`${path}:${line}:${column}: ${message}${hint === undefined ? "" : `\n${hint}`}`);
    return [
      `    <testcase name="${code} ${name}:${line}:${column}" classname="${name}">`,
      `      <failure type="${level}" message="${escapeXml(message)}">${text}</failure>`,
      "    </testcase>",
    ].join("\n");
  });
  if (cases.length === 0) cases.push(`    <testcase name="${name}" classname="${name}"/>`);
  return [
    `  <testsuite name="${name}" tests="${cases.length}" failures="${findings.length}">`,
    ...cases,
    "  </testsuite>",
  ].join("\n");
}

/** XML 1.0 has no form for most control characters: https://www.w3.org/TR/xml/#charsets */
function escapeXml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is meant.
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"\n]/g, (character) => names[character] ?? character)
  );
}
