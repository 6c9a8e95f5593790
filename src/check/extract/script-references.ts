import { type MappedText, pieceOf } from "../mapped-text.ts";
import type { TextRange } from "../source-file.ts";
import { joinTexts } from "./shell/join-texts.ts";

/**
 * A script in which another language refers to its variables, as one that the shell's reader understands: `$(IMAGE)` of make
 * and `{{image}}` of just become `${IMAGE}`. What `toShell` gives undefined for stays.
 */
export function replaceReferences(
  source: MappedText,
  shape: RegExp,
  toShell: (match: RegExpMatchArray) => string | undefined,
): MappedText {
  const pieces: MappedText[] = [];
  let start = 0;
  for (const match of source.text.matchAll(shape)) {
    const text = toShell(match);
    if (text === undefined) continue;
    const range = { start: match.index, end: match.index + match[0].length };
    pieces.push(pieceOf(source, { start, end: range.start }), insteadOf(source, range, text));
    start = range.end;
  }
  if (pieces.length === 0) return source;
  pieces.push(pieceOf(source, { start, end: source.text.length }));
  return joinTexts(pieces.filter(({ text }) => text !== ""));
}

/** Stands for the whole of `range`, and has no places inside of it. */
function insteadOf(source: MappedText, range: TextRange, text: string): MappedText {
  const all = pieceOf(source, range);
  return {
    text,
    findRange: ({ start, end }) =>
      start === 0 && end === text.length ? all.findRange({ start: 0, end: all.text.length }) : undefined,
    nearestRange: () => all.nearestRange({ start: 0, end: all.text.length }),
  };
}

/** An assignment, as if the script had made it; undefined where the value could not stand in double quotes. */
export function assignmentOf(name: string, value: MappedText, isDefault = false): MappedText | undefined {
  if (/["\\`]/.test(value.text) || (isDefault && value.text.includes("}"))) return undefined;
  const end = isDefault ? '}"' : '"';
  return joinTexts([unwritten(isDefault ? `${name}="\${${name}:-` : `${name}="`, value), value, unwritten(end, value)]);
}

function unwritten(text: string, near: MappedText): MappedText {
  return { text, findRange: () => undefined, nearestRange: () => near.nearestRange({ start: 0, end: 0 }) };
}
