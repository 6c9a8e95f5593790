import type { SourceFile, TextRange } from "../source-file.ts";
import { lineAt, spanOf } from "./source-position.ts";

/** The line with a number before it, cut around the range where it is too long, and a line with carets below it. */
export function formatSourceLine(file: SourceFile, range: TextRange, columns: number): string[] {
  const { line } = spanOf(file, range);
  const { text, start } = near(lineAt(file.text, range.start), range);
  const gutter = `  ${line} | `;
  const from = Math.min(range.start - start, text.length);
  const to = Math.min(Math.max(range.end - start, from + 1), Math.max(text.length, from + 1));
  const room = Math.max(20, columns - gutter.length);
  if (text.length <= room && plain.test(text)) return draw(gutter, text, from, to - from);
  const characters = splitCells(text);
  const { shown, isCutBefore, isCutAfter } = cutAround(characters, from, to, room);
  const cells = (some: readonly Cell[]) => some.reduce((sum, { width }) => sum + width, 0);
  const before = cells(shown.filter(({ at }) => at < from)) + (isCutBefore ? 1 : 0);
  const marked = Math.max(1, cells(shown.filter(({ at }) => at >= from && at < to)));
  const written = `${isCutBefore ? "…" : ""}${shown.map((cell) => cell.text).join("")}${isCutAfter ? "…" : ""}`;
  return draw(gutter, written, before, marked);
}

function draw(gutter: string, written: string, before: number, marked: number): string[] {
  return [
    `${gutter}${written}`.trimEnd(),
    `${" ".repeat(gutter.length - 2)}| ${" ".repeat(before)}${"^".repeat(marked)}`,
  ];
}

/** A line may be the whole of a generated file: only what may be shown is looked at. */
function near(line: { text: string; start: number }, { start, end }: TextRange): { text: string; start: number } {
  const from = Math.max(0, start - line.start - mostCells);
  const to = Math.min(end, start + mostCells) - line.start + mostCells;
  return { text: line.text.slice(from, to), start: line.start + from };
}

/** What a terminal shows of one character. */
interface Cell {
  /** Where it begins in the line, in UTF-16 code units. */
  at: number;
  text: string;
  width: number;
}

const tabWidth = 4;
/** No more than a screen can show is looked at on either side of the range. */
const mostCells = 2000;

/** Nearly all lines: one character, one cell. A segmenter takes longer than all else, and memory outside of the heap. */
const plain = /^[ -~]*$/;

function splitCells(text: string): Cell[] {
  if (plain.test(text)) return Array.from(text, (character, at) => ({ at, text: character, width: 1 }));
  const cells: Cell[] = [];
  let column = 0;
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    const cell = cellOf(segment, index, column);
    column += cell.width;
    cells.push(cell);
  }
  return cells;
}

function cellOf(segment: string, at: number, column: number): Cell {
  if (segment === "\t") {
    const width = tabWidth - (column % tabWidth);
    return { at, text: " ".repeat(width), width };
  }
  // A control character may be the beginning of a terminal's command.
  if (/^[\p{Cc}\p{Cf}\p{Cs}]/u.test(segment)) return { at, text: "\ufffd", width: 1 };
  return { at, text: segment, width: isWide(segment) ? 2 : 1 };
}

/** Unicode's East Asian wide and fullwidth characters, and pictures. https://www.unicode.org/reports/tr11/ */
function isWide(segment: string): boolean {
  return /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u.test(
    segment,
  );
}

function cutAround(all: readonly Cell[], from: number, to: number, room: number) {
  const total = all.reduce((sum, { width }) => sum + width, 0);
  if (total <= room) return { shown: all, isCutBefore: false, isCutAfter: false };
  const first = Math.max(
    0,
    all.findIndex(({ at }) => at >= from),
  );
  const length = all.slice(first, first + mostCells).filter(({ at }) => at < to).length;
  let left = first;
  let right = first;
  let width = 0;
  const space = room - 2;
  while (right < all.length && right < first + length && width + (all[right]?.width ?? 0) <= space) {
    width += all[right++]?.width ?? 0;
  }
  for (let grows = true; grows; ) {
    grows = false;
    const before = all[left - 1];
    if (before !== undefined && width + before.width <= space) {
      width += before.width;
      left--;
      grows = true;
    }
    const after = all[right];
    if (after !== undefined && width + after.width <= space) {
      width += after.width;
      right++;
      grows = true;
    }
  }
  return { shown: all.slice(left, right), isCutBefore: left > 0, isCutAfter: right < all.length };
}
