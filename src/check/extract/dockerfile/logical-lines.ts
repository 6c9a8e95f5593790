import type { TextRange } from "../../source-file.ts";

/** A line of a Dockerfile with those that continue it, and without the comments between them. */
export interface LogicalLine {
  text: string;
  /** Where a piece of `text` stands in the file; it may reach over a line's end. */
  rangeOf(piece: TextRange): TextRange;
}

/** Reads lines one after the other. */
export interface LineReader {
  /** Undefined at the end. Blank lines and comments are passed over. */
  nextLine(): LogicalLine | undefined;
  /** Passes over a heredoc's content; false where its end is missing. */
  skipHeredoc(delimiter: string, stripsTabs: boolean): boolean;
}

interface Segment {
  /** In the joined text. */
  at: number;
  inFile: number;
}

/**
 * Lines as BuildKit's parser joins them: the escape character at the end of a line, blanks after it or not, continues it,
 * comments and empty lines in between are dropped, and nothing is put in their place.
 * https://docs.docker.com/reference/dockerfile/#format
 */
export function openLines(text: string, escapeCharacter: string): LineReader {
  let at = text.startsWith("\ufeff") ? 1 : 0;

  function lineEnd(from: number): number {
    const end = text.indexOf("\n", from);
    return end === -1 ? text.length : end;
  }

  function nextLine(): LogicalLine | undefined {
    while (at < text.length) {
      const end = lineEnd(at);
      const start = skipBlanks(text, at, end);
      at = end + 1;
      if (start === end || text[start] === "#") continue;
      const cut = findContinuation(text, start, end, escapeCharacter);
      if (cut !== undefined) return joinLines(start, cut);
      const shift = start;
      return {
        text: text.slice(start, withoutReturn(text, start, end)),
        rangeOf: (piece) => ({ start: piece.start + shift, end: piece.end + shift }),
      };
    }
    return undefined;
  }

  function joinLines(start: number, cut: number): LogicalLine {
    const pieces = [text.slice(start, cut)];
    const segments: Segment[] = [{ at: 0, inFile: start }];
    let length = cut - start;
    let isContinued = true;
    while (isContinued && at < text.length) {
      const from = at;
      const end = lineEnd(from);
      at = end + 1;
      const first = skipBlanks(text, from, end);
      if (first === end || text[first] === "#") continue;
      const next = findContinuation(text, from, end, escapeCharacter);
      isContinued = next !== undefined;
      const piece = text.slice(from, next ?? withoutReturn(text, from, end));
      segments.push({ at: length, inFile: from });
      pieces.push(piece);
      length += piece.length;
    }
    return { text: pieces.join(""), rangeOf: (piece) => rangeInSegments(segments, piece) };
  }

  function skipHeredoc(delimiter: string, stripsTabs: boolean): boolean {
    while (at < text.length) {
      const start = at;
      const end = lineEnd(start);
      at = end + 1;
      const line = text.slice(start, withoutReturn(text, start, end));
      if ((stripsTabs ? line.replace(/^\t+/, "") : line) === delimiter) return true;
    }
    return false;
  }

  return { nextLine, skipHeredoc };
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function withoutReturn(text: string, start: number, end: number): number {
  return end > start && text[end - 1] === "\r" ? end - 1 : end;
}

/** The place of the escape character that continues the line; one that is itself escaped does not. */
function findContinuation(text: string, start: number, end: number, escapeCharacter: string): number | undefined {
  let last = withoutReturn(text, start, end) - 1;
  while (last >= start && (text[last] === " " || text[last] === "\t")) last--;
  if (last < start || text[last] !== escapeCharacter) return undefined;
  return last > start && text[last - 1] === escapeCharacter ? undefined : last;
}

function rangeInSegments(segments: readonly Segment[], { start, end }: TextRange): TextRange {
  const placeOf = (at: number) => {
    const segment = segments.findLast((candidate) => candidate.at <= at) as Segment;
    return segment.inFile + at - segment.at;
  };
  const first = placeOf(start);
  return { start: first, end: end > start ? placeOf(end - 1) + 1 : first };
}
