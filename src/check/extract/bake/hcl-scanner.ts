import type { TextRange } from "../../source-file.ts";
import type { TextPiece } from "../mapped-pieces.ts";

/** Moves over HCL's text. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md */
export interface HclScanner {
  at: number;
  readonly text: string;
}

/** Over blanks and comments; over line ends too where they mean nothing. */
export function skipSpace(scanner: HclScanner, overLines: boolean): void {
  const space = overLines ? /(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y : /(?:[ \t]+|\/\*[\s\S]*?\*\/)*/y;
  space.lastIndex = scanner.at;
  space.exec(scanner.text);
  scanner.at = space.lastIndex;
}

export function takeMatch(scanner: HclScanner, pattern: RegExp): RegExpExecArray | undefined {
  const sticky = new RegExp(pattern, "y");
  sticky.lastIndex = scanner.at;
  const match = sticky.exec(scanner.text) ?? undefined;
  if (match !== undefined) scanner.at = sticky.lastIndex;
  return match;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** What stands in quotes, unescaped but with its `${…}` as they are. The scanner is at the opening quote. */
export function takeQuoted(scanner: HclScanner): TextPiece[] | undefined {
  const { text } = scanner;
  const pieces: TextPiece[] = [];
  let at = scanner.at + 1;
  let start = at;
  while (at < text.length && text[at] !== '"' && text[at] !== "\n") {
    if (text[at] === "\\") {
      const end = at + escapeLength(text, at);
      if (at > start) pieces.push(plainPiece(text, { start, end: at }));
      pieces.push({ text: readEscape(text.slice(at, end)), range: { start: at, end }, isReplaced: true });
      start = end;
      at = end;
    } else at = templateEnd(text, at) ?? at + 1;
  }
  if (text[at] !== '"') return undefined;
  if (at > start) pieces.push(plainPiece(text, { start, end: at }));
  scanner.at = at + 1;
  return pieces;
}

/** `<<EOT` to the line `EOT`; with `<<-` its lines lose the indentation that all of them have. */
export function takeHeredoc(scanner: HclScanner): TextPiece[] | undefined {
  const head = takeMatch(scanner, /<<(-?)([A-Za-z_][\w-]*)[ \t]*\r?\n/);
  if (head === undefined) return undefined;
  const lines: TextRange[] = [];
  const { text } = scanner;
  while (scanner.at < text.length) {
    const newline = text.indexOf("\n", scanner.at);
    const end = newline === -1 ? text.length : newline + 1;
    const line = { start: scanner.at, end };
    // The line's end behind the delimiter ends the attribute.
    if (text.slice(line.start, line.end).trim() === head[2]) {
      scanner.at = newline === -1 ? end : newline;
      const indentation = head[1] === "-" ? leastIndentation(text, lines) : 0;
      return lines.map(({ start, end: last }) =>
        plainPiece(text, { start: Math.min(start + indentation, last), end: last }),
      );
    }
    lines.push(line);
    scanner.at = end;
  }
  return undefined;
}

function leastIndentation(text: string, lines: readonly TextRange[]): number {
  const indentations = lines.map(({ start, end }) => /^[ \t]*/.exec(text.slice(start, end))?.[0].length ?? 0);
  return indentations.reduce((least, next) => Math.min(least, next), Number.POSITIVE_INFINITY);
}

function plainPiece(text: string, range: TextRange): TextPiece {
  return { text: text.slice(range.start, range.end), range, isReplaced: false };
}

const longestExpression = 1024;

/** The end of a `${…}` or `%{…}` that begins here, quotes and braces within it counted; undefined where none begins. */
export function templateEnd(text: string, start: number): number | undefined {
  if (!/[$%]/.test(text[start] ?? "") || text[start + 1] !== "{") return undefined;
  // `$${` is a plain `${`.
  if (text[start - 1] === text[start]) return undefined;
  let depth = 0;
  let isQuoted = false;
  const limit = Math.min(text.length, start + longestExpression);
  for (let at = start + 1; at < limit && text[at] !== "\n"; at++) {
    const character = text[at];
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === "{") depth++;
    else if (!isQuoted && character === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}

function escapeLength(text: string, at: number): number {
  return { u: 6, U: 10 }[text[at + 1] ?? ""] ?? 2;
}

function readEscape(written: string): string {
  const code = /^\\[uU]([0-9a-fA-F]+)$/.exec(written)?.[1];
  if (code === undefined) return escapes[written[1] ?? ""] ?? written;
  const codePoint = Number.parseInt(code, 16);
  return codePoint > 0x10ffff ? written : String.fromCodePoint(codePoint);
}
