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
export function spanOf(file: SourceFile, { start, end }: TextRange): SourceSpan {
  const { text } = file;
  const landmark = findLandmark(file, start);
  const first = positionOf(text, start, landmark);
  const last = positionOf(text, end, landmark);
  return {
    line: first.line,
    column: first.column,
    endLine: last.line,
    endColumn: last.column,
    charOffset: start,
    charLength: end - start,
    byteOffset: landmark.bytes + Buffer.byteLength(text.slice(landmark.start, start)),
    byteLength: Buffer.byteLength(text.slice(start, end)),
  };
}

/** The line that `at` stands in, without its end. */
export function lineAt(text: string, at: number): { text: string; start: number } {
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", start);
  return { text: text.slice(start, end < 0 ? text.length : end).replace(/\r$/, ""), start };
}

function positionOf(text: string, at: number, landmark: Landmark): { line: number; column: number } {
  let { line, start } = landmark;
  for (let end = text.indexOf("\n", start); end >= 0 && end < at; end = text.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { line, column: at - start + 1 };
}

/** A line's number and where it begins, in UTF-16 code units and in bytes. */
interface Landmark {
  line: number;
  start: number;
  bytes: number;
}

const firstLine: Landmark = { line: 1, start: 0, bytes: 0 };
/** Code units between two landmarks; a file below that is read from its beginning. */
const landmarkDistance = 16_384;
/** Found once for each large file, which may hold a finding in each of its lines. */
const landmarksOf = new WeakMap<SourceFile, readonly Landmark[]>();

/** The last one before `at`. */
function findLandmark(file: SourceFile, at: number): Landmark {
  if (at < landmarkDistance) return firstLine;
  const landmarks = landmarksOf.get(file) ?? findLandmarks(file.text);
  landmarksOf.set(file, landmarks);
  return landmarks.findLast(({ start }) => start <= at) ?? firstLine;
}

function findLandmarks(text: string): Landmark[] {
  const landmarks = [firstLine];
  let last = firstLine;
  for (let line = 2, end = text.indexOf("\n"); end >= 0; line++, end = text.indexOf("\n", end + 1)) {
    const start = end + 1;
    if (start - last.start < landmarkDistance) continue;
    last = { line, start, bytes: last.bytes + Buffer.byteLength(text.slice(last.start, start)) };
    landmarks.push(last);
  }
  return landmarks;
}
