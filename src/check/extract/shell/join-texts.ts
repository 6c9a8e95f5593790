import { type MappedText, pieceOf } from "../../mapped-text.ts";
import type { TextRange } from "../../source-file.ts";

/** One text out of pieces that follow each other, perhaps with gaps between them in the file. */
export function joinTexts(pieces: readonly MappedText[]): MappedText {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of pieces) {
    starts.push(length);
    length += text.length;
  }

  /** The piece that holds `at`; at a border, the one after it. */
  function indexAt(at: number): number {
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The part of `range` that lies in the piece, as the piece counts. */
  function withinPiece(index: number, { start, end }: TextRange): TextRange {
    const from = starts[index] as number;
    const size = pieces[index]?.text.length ?? 0;
    return { start: Math.max(0, start - from), end: Math.min(size, end - from) };
  }

  return {
    text: pieces.map(({ text }) => text).join(""),
    findRange(range) {
      let found: TextRange | undefined;
      for (let index = indexAt(range.start); index < pieces.length; index++) {
        if ((starts[index] as number) >= range.end && found !== undefined) break;
        const part = pieces[index]?.findRange(withinPiece(index, range));
        if (part === undefined || (found !== undefined && part.start !== found.end)) return undefined;
        found = { start: found?.start ?? part.start, end: part.end };
      }
      return found;
    },
    nearestRange(range) {
      const first = indexAt(range.start);
      const last = Math.max(first, indexAt(Math.max(range.start, range.end - 1)));
      const { start, end } = pieces[first]?.nearestRange(withinPiece(first, range)) ?? { start: 0, end: 0 };
      if (last === first) return { start, end };
      return { start, end: Math.max(end, pieces[last]?.nearestRange(withinPiece(last, range)).end ?? end) };
    },
  };
}

/** Without the backslashes that stand before what `escaped` finds: `/[$"]/`. */
export function withoutEscapes(source: MappedText, escaped: RegExp): MappedText {
  if (!source.text.includes("\\")) return source;
  const pieces: MappedText[] = [];
  let start = 0;
  for (const { index } of source.text.matchAll(/\\/g)) {
    if (index < start || !escaped.test(source.text[index + 1] ?? "")) continue;
    pieces.push(pieceOf(source, { start, end: index }));
    // The escaped character is the next piece's first, so that an escaped backslash escapes nothing.
    pieces.push(pieceOf(source, { start: index + 1, end: index + 2 }));
    start = index + 2;
  }
  pieces.push(pieceOf(source, { start, end: source.text.length }));
  return joinTexts(pieces.filter(({ text }) => text !== ""));
}
