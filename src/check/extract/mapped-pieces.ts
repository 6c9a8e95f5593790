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

  function inSource({ start, end }: TextRange): { range: TextRange; isWhole: boolean } {
    const index = Math.max(0, lastAtMost(starts, start));
    const piece = pieces[index];
    if (piece === undefined) return { range: { start: 0, end: 0 }, isWhole: false };
    const first = piece.isReplaced ? piece.range.start : piece.range.start + start - (starts[index] as number);
    const isWhole = !piece.isReplaced && first + end - start <= piece.range.end;
    return { range: isWhole ? { start: first, end: first + end - start } : { ...piece.range, start: first }, isWhole };
  }

  return {
    text: pieces.map(({ text }) => text).join(""),
    findRange(range) {
      const found = inSource(range);
      return found.isWhole ? source.findRange(found.range) : undefined;
    },
    nearestRange: (range) => source.nearestRange(inSource(range).range),
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
