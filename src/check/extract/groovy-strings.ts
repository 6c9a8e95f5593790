import { type MappedText, pieceOf } from "../mapped-text.ts";
import { withoutEscapes } from "./shell/join-texts.ts";

/** A string of a Groovy file with what stands before it. */
export interface GroovyString {
  /** Without quotes and escapes. */
  content: MappedText;
  /** `$` puts variables in: double quotes. */
  isInterpolated: boolean;
  /** With the quotes. */
  start: number;
  end: number;
  /** The code before the string, as far as it says what the string is for. */
  before: string;
}

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'''[\s\S]*?(?:'''|$)|"""[\s\S]*?(?:(?<!\\)"""|$)|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** Comments are passed over; a slashy string (`/x/`) is not told from a division, and holds no image. */
export function readGroovyStrings(source: MappedText): GroovyString[] {
  const strings: GroovyString[] = [];
  for (const { index: start, 0: written } of source.text.matchAll(token)) {
    if (written.startsWith("/")) continue;
    const quote = /^(?:'''|"""|'|")/.exec(written)?.[0] ?? "";
    const end = start + written.length;
    const inner = { start: start + quote.length, end: Math.max(start + quote.length, end - quote.length) };
    strings.push({
      // Other escapes stay: the shell reads them alike.
      content: withoutEscapes(pieceOf(source, inner), /["'$\\]/),
      isInterpolated: quote.startsWith('"'),
      start,
      end,
      before: source.text.slice(Math.max(0, start - 200), start),
    });
  }
  return strings;
}
