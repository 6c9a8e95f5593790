import type { MappedText } from "../mapped-text.ts";
import type { TextRange } from "../source-file.ts";

/** A piece of a text as it is, or what stands there for it. */
export interface TextPiece {
  text: string;
  /** Where it comes from. */
  range: TextRange;
  /** `text` is not what stands there: a variable's value, an unescaped character. */
  isReplaced: boolean;
}

/** A text that is put together of pieces of another one, in order. */
export function joinPieces(source: MappedText, pieces: readonly TextPiece[]): MappedText {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of pieces) {
    starts.push(length);
    length += text.length;
  }

  /** The place of one character. */
  function placeOf(at: number): { piece: TextPiece; range: TextRange } | undefined {
    const index = Math.max(0, lastAtMost(starts, at));
    const piece = pieces[index];
    if (piece === undefined) return undefined;
    const start = piece.range.start + at - (starts[index] as number);
    return { piece, range: piece.isReplaced ? piece.range : { start, end: start + 1 } };
  }

  function nearest({ start, end }: TextRange): TextRange {
    const first = placeOf(start)?.range ?? { start: 0, end: 0 };
    const last = end > start ? placeOf(end - 1)?.range : undefined;
    return { start: first.start, end: last?.end ?? first.start };
  }

  return {
    text: pieces.map(({ text }) => text).join(""),
    findRange(range) {
      const first = placeOf(range.start)?.piece;
      const found = nearest(range);
      const isWhole = first?.isReplaced === false && found.end <= first.range.end;
      return isWhole ? source.findRange(found) : undefined;
    },
    nearestRange: (range) => source.nearestRange(nearest(range)),
  };
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
