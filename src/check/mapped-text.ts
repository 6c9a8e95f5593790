import type { Scalar } from "yaml";
import { alignScalar, type Run } from "./align-scalar.ts";
import type { TextRange } from "./source-file.ts";

/**
 * Text that stands in a file, perhaps not as it is written there: a shell command in a YAML block loses its indentation,
 * one in JSON its escapes. Readers work on `text`; `findRange` leads each place back to the file, so that a reader of
 * shell serves a buildspec, an inline buildspec in a template and a script alike.
 */
export interface MappedText {
  text: string;
  /** Where that piece of `text` stands in the file, or undefined where it is not written there in one piece. */
  findRange(range: TextRange): TextRange | undefined;
  /** The nearest place, for a message. */
  nearestRange(range: TextRange): TextRange;
}

export function wholeText(text: string): MappedText {
  return { text, findRange: (range) => range, nearestRange: (range) => range };
}

/** A piece of a mapped text. */
export function pieceOf(source: MappedText, range: TextRange): MappedText {
  const shift = ({ start, end }: TextRange) => ({ start: start + range.start, end: end + range.start });
  return {
    text: source.text.slice(range.start, range.end),
    findRange: (inner) => source.findRange(shift(inner)),
    nearestRange: (inner) => source.nearestRange(shift(inner)),
  };
}

/** The value of a YAML or JSON scalar that was parsed out of `source`. */
export function scalarText(source: MappedText, scalar: Scalar): MappedText {
  const [start = 0, end = start] = scalar.range ?? [];
  const value = typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value ?? ""));
  const written = { start, end };
  const runs = alignScalar(value, source.text.slice(start, end));
  return {
    text: value,
    findRange(range) {
      const inner = findInRuns(runs, range);
      return inner && source.findRange({ start: start + inner.start, end: start + inner.end });
    },
    nearestRange(range) {
      const run = runs.findLast(({ at }) => at <= range.start);
      if (run === undefined) return source.nearestRange(written);
      const first = start + run.inFile + Math.min(range.start - run.at, run.length);
      const last = Math.min(end, Math.max(first, first + (range.end - range.start)));
      return source.nearestRange({ start: first, end: last });
    },
  };
}

function findInRuns(runs: readonly Run[], { start, end }: TextRange): TextRange | undefined {
  const run = runs.findLast(({ at }) => at <= start);
  if (run === undefined || end > run.at + run.length) return undefined;
  const first = run.inFile + start - run.at;
  return { start: first, end: first + end - start };
}
