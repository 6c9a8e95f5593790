/** Replaces secrets by `***`, by exact text, as CodeBuild does: a transformed secret is not recognised. */
export interface TextMask {
  /** From now on these values are replaced. Empty ones are passed over. */
  add(values: readonly string[]): void;
  masked(text: string): string;
  /** Text that came in pieces: what is safe to show, masked, and the rest, which could be the beginning of a secret. */
  split(text: string): { shown: string; held: string };
}

/** Lines of a secret that are shorter say nothing (`{`, `}` of a JSON document), and would maim the log. */
const shortestLine = 4;

export function openTextMask(): TextMask {
  let values: string[] = [];
  let pattern: RegExp | undefined;
  const masked = (text: string) => (pattern === undefined ? text : text.replace(pattern, "***"));
  return {
    add(added) {
      // A secret of several lines may be printed a line at a time.
      const lines = added.flatMap((value) => value.split(/\r?\n/)).map((line) => line.trim());
      const parts = [...added.filter((value) => value.trim() !== ""), ...lines.filter(isTelling)];
      // The longer first: a secret that begins with another one must not leave its rest in clear.
      values = [...new Set([...values, ...parts])].sort((one, other) => other.length - one.length);
      if (values.length > 0) pattern = new RegExp(values.map(escapePattern).join("|"), "g");
    },
    masked,
    split: (text) => (pattern === undefined ? { shown: text, held: "" } : splitMasked(text, values, pattern)),
  };
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function isTelling(line: string): boolean {
  return line.length >= shortestLine;
}

/** Cuts before a tail that begins a secret, and never through a secret that is there already. One pass over the text. */
function splitMasked(text: string, values: readonly string[], pattern: RegExp): { shown: string; held: string } {
  let end = text.length - lengthOfBeginning(text, values);
  let shown = "";
  let start = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null && match.index < end; match = pattern.exec(text)) {
    const matchEnd = match.index + match[0].length;
    if (matchEnd > end) {
      end = match.index;
      break;
    }
    shown += `${text.slice(start, match.index)}***`;
    start = matchEnd;
  }
  return { shown: shown + text.slice(start, end), held: text.slice(end) };
}

/** How many characters at the end of the text are the beginning of a value, but not all of it. */
function lengthOfBeginning(text: string, values: readonly string[]): number {
  let longest = 0;
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(value.slice(0, length))) longest = length;
    }
  }
  return longest;
}
