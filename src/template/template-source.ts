import type { SourcePlace } from "../usage-error.ts";
import type { NodePlace } from "./template-node.ts";

/** A template's text, and where in it an offset is. */
export interface TemplateSource {
  text: string;
  file: string | undefined;
  placeAt(start: number, end?: number): NodePlace;
  /** The place of the first occurrence of `text` inside `place`, or `place` where it does not occur as written. */
  placeOf(text: string, place: NodePlace): NodePlace;
}

export function templateSource(text: string, file?: string): TemplateSource {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);

  function placeAt(start: number, end = start): NodePlace {
    const line = lineAt(lineStarts, start);
    const place: NodePlace = { line, column: start - (lineStarts[line - 1] ?? 0) + 1, start, end };
    return file === undefined ? place : { file, ...place };
  }
  return {
    text,
    file,
    placeAt,
    placeOf(part, place) {
      const at = text.indexOf(part, place.start);
      return at >= 0 && at < place.end ? placeAt(at, at + part.length) : place;
    },
  };
}

/** The greatest line whose start is not behind the offset, counted from 1. */
function lineAt(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** Line and column without offsets, for errors. */
export function sourcePlace({ file, line, column }: NodePlace): SourcePlace {
  return {
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}
