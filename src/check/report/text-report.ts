import type { ReadRepository } from "../read-repository.ts";
import type { Level } from "../rules/rule.ts";
import type { PlacedFinding } from "./placed-finding.ts";

/** How the words of a level, of a place and of a caret are set off; plain where colours are not wanted. */
export interface TextStyle {
  level(level: Level, text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

/** Each finding with its source line and a caret, then one line that sums up. */
export function formatText(
  repository: ReadRepository,
  findings: readonly PlacedFinding[],
  { style, columns }: { style: TextStyle; columns: number },
): string {
  const lines = findings.flatMap((finding) => [...formatFinding(finding, style, columns), ""]);
  return `${[...lines, ...summarise(repository, findings, style)].join("\n")}\n`;
}

function formatFinding(finding: PlacedFinding, style: TextStyle, columns: number): string[] {
  const { place, level, code, message, hint, related = [] } = finding;
  const at = style.strong(`${place.file}:${place.line}:${place.column}`);
  return [
    `${at} ${style.level(level, level)} ${code} ${message}`,
    ...sourceLines(finding, style, columns),
    ...(hint === undefined ? [] : [`  ${style.faint("hint")} ${hint}`]),
    ...related.map((other) => `  ${style.faint("see")}  ${other.file.path}: ${other.message}`),
  ];
}

const margin = 7;

/** The line with its range underlined; of a long line, the part around it. */
function sourceLines({ file, range, place, level }: PlacedFinding, style: TextStyle, columns: number): string[] {
  const lineStart = range.start - place.column + 1;
  const found = file.text.indexOf("\n", range.start);
  const lineEnd = found < 0 ? file.text.length : found;
  const line = file.text.slice(lineStart, lineEnd).replace(/\r$/, "").replaceAll("\t", " ");
  const room = Math.max(20, columns - margin);
  const from = place.column - 1 > room / 2 && line.length > room ? Math.min(place.column - 11, line.length - room) : 0;
  const shown = line.slice(from, from + room);
  const start = Math.min(place.column - 1 - from, shown.length);
  const length = Math.max(1, Math.min(range.end - range.start, shown.length - start));
  const caret =
    " ".repeat(displayWidth(shown.slice(0, start))) +
    "^".repeat(Math.max(1, displayWidth(shown.slice(start, start + length))));
  return [
    `${style.faint(`${String(place.line).padStart(4)} | `)}${shown}`,
    `${style.faint("     | ")}${style.level(level, caret)}`,
  ];
}

/** Of most of East Asia's characters a terminal gives each two columns. */
function displayWidth(text: string): number {
  return [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1),
    0,
  );
}

function summarise(
  { fileCount, pulls, passedOver, files }: ReadRepository,
  findings: readonly PlacedFinding[],
  style: TextStyle,
): string[] {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const fromHub = pulls.filter(({ source }) => source === "docker-hub");
  const anonymous = fromHub.filter(({ as }) => as.kind === "anonymous");
  const unread = passedOver.length + files.reduce((sum, { extraction }) => sum + extraction.notes.length, 0);
  const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return [
    style.strong(
      `${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}, ${plural(count("note"), "note")}`,
    ),
    `${plural(fileCount, "file")} read; ${plural(fromHub.length, "pull")} from Docker Hub, ${anonymous.length} of them without a login` +
      (unread === 0 ? "" : `; ${unread} passed over or read in part (--json tells which)`),
  ];
}
