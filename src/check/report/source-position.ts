import type { SourceFile, TextRange } from "../source-file.ts";

/** Where a range stands. Lines and columns count from 1, columns in UTF-16 code units; the end is exclusive. */
export interface SourceSpan {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  charOffset: number;
  charLength: number;
  byteOffset: number;
  byteLength: number;
}

/** A byte order mark counts as a character of the first line. */
export function spanOf({ text }: SourceFile, { start, end }: TextRange): SourceSpan {
  const [first, last] = [positionOf(text, start), positionOf(text, end)];
  return {
    line: first.line,
    column: first.column,
    endLine: last.line,
    endColumn: last.column,
    charOffset: start,
    charLength: end - start,
    byteOffset: Buffer.byteLength(text.slice(0, start)),
    byteLength: Buffer.byteLength(text.slice(start, end)),
  };
}

/** The line that `at` stands in, without its end. */
export function lineAt(text: string, at: number): { text: string; start: number } {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", start);
  return { text: text.slice(start, end < 0 ? text.length : end).replace(/\r$/, ""), start };
}

function positionOf(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < at; end = text.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { line, column: at - start + 1 };
}
