/** A run of characters that is the same in a scalar's value and in the way it is written. */
export interface Run {
  at: number;
  inFile: number;
  length: number;
}

/**
 * Finds the characters of a scalar's value in the way it is written, in order. What is written and is no part of the
 * value (quotes, a block's head, indentation) is skipped; a character that an escape or a folded line makes belongs to
 * no run. https://yaml.org/spec/1.2.2/#chapter-7-flow-style-productions
 */
export function alignScalar(value: string, written: string): Run[] {
  const runs: Run[] = [];
  const style = readStyle(written);
  let place = { at: 0, inFile: style.start };
  while (place.at < value.length && place.inFile < written.length) {
    const next = step(value, written, place, style);
    if (next === undefined) return runs;
    if (next.isSame) addToRuns(runs, place);
    place = next;
  }
  return runs;
}

interface Place {
  at: number;
  inFile: number;
}

interface ScalarStyle {
  start: number;
  quote: string | undefined;
  /** Of a block scalar; a flow scalar's lines lose all that stands before their first character. */
  indentation: number;
}

function readStyle(written: string): ScalarStyle {
  if (/^[|>]/.test(written)) {
    const indentation = findIndentation(written);
    return {
      start: skipIndentation(written, written.indexOf("\n") + 1, indentation),
      quote: undefined,
      indentation,
    };
  }
  const [quote] = /^["']/.exec(written) ?? [];
  return { start: quote === undefined ? 0 : 1, quote, indentation: Number.POSITIVE_INFINITY };
}

/** Undefined where the value is not what is written: the caller has changed it. */
function step(
  value: string,
  written: string,
  { at, inFile }: Place,
  { quote, indentation }: ScalarStyle,
): (Place & { isSame?: boolean }) | undefined {
  const character = written[inFile] as string;
  if (character === "\\" && quote === '"') {
    const { end, codeUnits } = readEscape(written, inFile);
    return { at: at + codeUnits, inFile: end };
  }
  const isLineEnd = character === "\n";
  const after = isLineEnd
    ? skipIndentation(written, inFile + 1, indentation)
    : inFile + (character === "'" && quote === "'" ? 2 : 1);
  if (character === value[at]) return { at: at + 1, inFile: after, isSame: true };
  // A folded line end: a blank, or nothing beside an empty line.
  if (isLineEnd) return { at: value[at] === " " ? at + 1 : at, inFile: after };
  return /[ \t\r]/.test(character) ? { at, inFile: after } : undefined;
}

/** The least of all lines: with an indentation indicator the first may have more. */
function findIndentation(written: string): number {
  const lines = [...written.matchAll(/\n( *)(?=[^ \r\n])/g)];
  return lines.reduce((least, [, blanks = ""]) => Math.min(least, blanks.length), Number.POSITIVE_INFINITY);
}

function skipIndentation(written: string, from: number, indentation: number): number {
  let at = from;
  while (at - from < indentation && (written[at] === " " || written[at] === "\t")) at++;
  return at;
}

/** `\n`, `\x41`, `\u0041`, `\U0001F600`, or a line that goes on. */
function readEscape(written: string, start: number): { end: number; codeUnits: number } {
  const letter = written[start + 1];
  if (letter === "\n" || letter === "\r") {
    const line = written.indexOf("\n", start) + 1;
    return { end: skipIndentation(written, line, Number.POSITIVE_INFINITY), codeUnits: 0 };
  }
  const digits = { x: 2, u: 4, U: 8 }[letter ?? ""] ?? 0;
  const codePoint = Number.parseInt(written.slice(start + 2, start + 2 + digits) || "0", 16);
  return { end: start + 2 + digits, codeUnits: codePoint > 0xffff ? 2 : 1 };
}

function addToRuns(runs: Run[], { at, inFile }: Place): void {
  const last = runs.at(-1);
  if (last !== undefined && last.at + last.length === at && last.inFile + last.length === inFile) last.length++;
  else runs.push({ at, inFile, length: 1 });
}
