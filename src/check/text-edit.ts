import type { TextRange } from "./source-file.ts";

/** Puts `text` in the place of `range`; an empty range inserts. */
export interface TextEdit {
  range: TextRange;
  text: string;
}

export function haveOverlap(edits: readonly TextEdit[]): boolean {
  const ordered = inOrder(edits);
  return ordered.some(({ range }, index) => range.start < (ordered[index - 1]?.range.end ?? 0));
}

function inOrder(edits: readonly TextEdit[]): TextEdit[] {
  return edits.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

/** Everything outside of the ranges stays as it is. Throws where two edits overlap: that is a defect of a remedy. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { range, text: replacement } of inOrder(edits)) {
    if (range.start < at) throw new Error(`edits overlap at ${range.start}`);
    pieces.push(text.slice(at, range.start), replacement);
    at = range.end;
  }
  pieces.push(text.slice(at));
  return pieces.join("");
}
