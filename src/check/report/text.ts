import type { Repository } from "../judge/repository.ts";
import type { CheckReport, ReportedFinding } from "./check-report.ts";
import { describeIdentity, registryOf, summarizePulls } from "./pull-summary.ts";
import { formatSourceLine } from "./source-line.ts";
import { spanOf } from "./source-position.ts";
import { wrapText } from "./wrap-text.ts";

export interface TextOptions {
  style: (kind: "red" | "yellow" | "blue" | "dim" | "bold" | "cyan" | "green", text: string) => string;
  columns: number;
}

const colours = { error: "red", warning: "yellow", note: "blue" } as const;

/** For people: file by file, each with the line and a caret. */
export function formatText(report: CheckReport, options: TextOptions): string {
  const { style, columns } = options;
  const blocks = report.findings.map((finding) => `${formatFinding(finding, options).join("\n")}\n`);
  const asides = [
    ...report.warnings,
    ...report.repository.passedOver
      .filter(({ reason }) => !/symbolic link/.test(reason))
      .map(({ path, reason }) => `${path} was passed over: ${reason}`),
    ...report.repository.files.flatMap((file) =>
      file.extraction.notes.map(({ message, range }) => `${file.path}:${spanOf(file, range).line}: ${message}`),
    ),
  ].flatMap((text) => wrapText(`note ${text}`, columns, "     ").map((line) => style("dim", line)));
  if (asides.length > 0) asides.push("");
  return `${[...blocks, ...asides, ...formatSummary(report, options)].join("\n")}\n`;
}

function formatFinding(finding: ReportedFinding, { style, columns }: TextOptions): string[] {
  const { code, level, message, file, range, hint, related = [] } = finding;
  const { line, column } = spanOf(file, range);
  const head = `${file.path}:${line}:${column}`;
  const places = related.map((place) => {
    const at = spanOf(place.file, place.range);
    return `${place.file.path}:${at.line}:${at.column} ${place.message}`;
  });
  return [
    `${style("cyan", head)} ${style(colours[level], level)} ${style("dim", code)}`,
    ...wrapText(`  ${message}`, columns, "  "),
    ...formatSourceLine(file, range, columns).map((text, index) => (index === 0 ? text : style(colours[level], text))),
    ...places.flatMap((text) => wrapText(`  see  ${text}`, columns, "       ")),
    ...(hint === undefined ? [] : wrapText(`  hint ${hint}`, columns, "       ")),
  ];
}

function formatSummary({ repository, findings, ignored }: CheckReport, { style, columns }: TextOptions): string[] {
  const { dockerHub, anonymous, byUnknown, notConstant, countedPerBuild } = summarizePulls(repository);
  const levelsFound = (["error", "warning", "note"] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [style(colours[level], countOf(count, level))];
  });
  const left = ignored.length === 0 ? "" : `, ${ignored.length} ignored`;
  const verdict = levelsFound.length === 0 ? style("green", "nothing found") : levelsFound.join(", ");
  const figures = [
    `${countOf(repository.fileCount, "file")} looked at`,
    `${countOf(dockerHub, "pull")} from Docker Hub`,
    `${anonymous} anonymous`,
    ...(byUnknown === 0 ? [] : [`${byUnknown} by no job seen here`]),
    `at most ${countedPerBuild} counted per build`,
    ...(notConstant === 0 ? [] : [`${countOf(notConstant, "image")} not constant`]),
  ].join(", ");
  return [`${verdict}${left}`, ...wrapText(figures, columns, "")];
}

/** Every reference: where, from which registry, as whom, how many counted requests, in which job. */
export function formatPullList({ pulls }: Repository, { style }: TextOptions): string {
  const header = ["place", "image", "registry", "as", "counted", "job"];
  const rows = pulls
    .toSorted(
      (a, b) =>
        (a.file.path < b.file.path ? -1 : Number(a.file.path > b.file.path)) ||
        a.image.range.start - b.image.range.start,
    )
    .map((pull) => [
      `${pull.file.path}:${spanOf(pull.file, pull.image.range).line}`,
      printable(pull.image.reference ?? pull.image.written),
      registryOf(pull) ?? "not constant",
      describeIdentity(pull.as),
      String(pull.countedRequests),
      pull.job === undefined ? "-" : `${pull.job.job.runner} ${printable(pull.job.job.name)}`,
    ]);
  const widths = header.map((name, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), name.length),
  );
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const lines = [style("dim", format(header)), ...rows.map(format)];
  return `${lines.join("\n")}\n`;
}

function printable(text: string): string {
  return text.replace(/\s+/g, " ");
}

function countOf(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
