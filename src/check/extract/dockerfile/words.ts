import type { TextRange } from "../../source-file.ts";

/** Words at blanks, but for those in quotes or behind an escape. Undefined where a quote is not closed. */
export function findQuotedWords(text: string, from: number, escapeCharacter: string): TextRange[] | undefined {
  const words: TextRange[] = [];
  let at = from;
  while (at < text.length) {
    if (isBlank(text, at)) {
      at++;
      continue;
    }
    const end = findWordEnd(text, at, escapeCharacter);
    if (end === undefined) return undefined;
    words.push({ start: at, end });
    at = end;
  }
  return words;
}

/** The next blank outside of quotes; undefined where a quote is not closed. */
export function findWordEnd(text: string, start: number, escapeCharacter: string): number | undefined {
  let quote: string | undefined;
  let at = start;
  while (at < text.length && (quote !== undefined || !isBlank(text, at))) {
    const character = text[at] as string;
    if (character === escapeCharacter && quote !== "'") at++;
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) quote = character;
    at++;
  }
  return quote === undefined ? Math.min(at, text.length) : undefined;
}

/** Words at blanks, whatever is in them. */
export function findPlainWords(text: string, from: number): TextRange[] {
  const words: TextRange[] = [];
  let at = from;
  while (at < text.length) {
    const start = at;
    while (at < text.length && !isBlank(text, at)) at++;
    if (at > start) words.push({ start, end: at });
    else at++;
  }
  return words;
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
