import { createTwoFilesPatch } from "diff";
import type { SourceFile } from "../check/source-file.ts";
import type { Terminal } from "./terminal.ts";

/** Changed lines above which a diff takes seconds to find. */
const maximumChanges = 1_000;

/** A unified diff of the file and its new text; one that replaces all of its lines where very many have changed. */
export function patchOf({ path, text: before }: SourceFile, after: string, context = 2): string {
  const options = { context, maxEditLength: 2 * maximumChanges };
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, options);
  return patch ?? replaceAllLines(path, before, after);
}

function replaceAllLines(path: string, before: string, after: string): string {
  const [removed, added] = [before, after].map((text) => text.split(/(?<=\n)/));
  const mark = (sign: string, lines: readonly string[] = []) =>
    lines.map((line) => `${sign}${line}${line.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`).join("");
  const head = `--- a/${path}\n+++ b/${path}\n@@ -1,${removed?.length} +1,${added?.length} @@\n`;
  return `${"=".repeat(67)}\n${head}${mark("-", removed)}${mark("+", added)}`;
}

/** The diff for people, without the ruler above it. */
export function printPatch({ line, style }: Terminal, patch: string): void {
  for (const row of patch.trimEnd().split("\n").slice(1)) line(styleRow(printable(row), style));
}

function styleRow(row: string, style: Terminal["style"]): string {
  if (/^(?:\+\+\+|---) [ab]\//.test(row)) return style("bold", row);
  if (row.startsWith("@@")) return style("cyan", row);
  if (row.startsWith("+")) return style("green", row);
  return row.startsWith("-") ? style("red", row) : row;
}

/** A control character of a file may be the beginning of a terminal's command. */
function printable(row: string): string {
  return row.replace(/\r$/, "").replace(/(?!\t)[\p{Cc}\p{Cf}]/gu, "\ufffd");
}
