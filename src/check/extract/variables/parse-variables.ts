/** A piece of a text with variables: as it is, or a `$NAME` with what its braces hold. Places are those in the text. */
export type TextPart = LiteralPart | VariablePart;

export interface LiteralPart {
  kind: "literal";
  /** After unescaping. */
  text: string;
  start: number;
  end: number;
}

export interface VariablePart {
  kind: "variable";
  name: string;
  start: number;
  end: number;
  /** `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/`, `//`. */
  operator?: string;
  /** What follows the operator. */
  word?: readonly TextPart[];
  /** The second word of `${X/pattern/replacement}`. */
  replacement?: readonly TextPart[];
}

/** How a format writes what is no variable. */
export interface VariableSyntax {
  /** Takes the next character as it is: a Dockerfile's `\` or back-tick. */
  escapeCharacter?: string;
  /** Quotes group and vanish; single ones hide variables. */
  hasQuotes?: boolean;
  /** `$$` is a dollar: compose. */
  hasDoubleDollar?: boolean;
}

interface Scan {
  text: string;
  at: number;
  end: number;
  syntax: VariableSyntax;
  depth: number;
  /** Shared by all levels. A brace that is never closed has the rest of the text read twice. */
  unclosed: { count: number };
}

const mostUnclosed = 4;

/** Braces in braces beyond this are taken as they are. */
const deepestNesting = 10;

/**
 * The variables of a text. What is no proper variable is taken as it is written.
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export function parseVariables(
  text: string,
  syntax: VariableSyntax,
  range: { start: number; end: number } = { start: 0, end: text.length },
): TextPart[] {
  return scanParts({ text, at: range.start, end: range.end, syntax, depth: 0, unclosed: { count: 0 } }, "");
}

/** Up to one of `stops` outside of quotes, which is left to the caller. */
function scanParts(scan: Scan, stops: string): TextPart[] {
  const parts: TextPart[] = [];
  let quote: string | undefined;
  while (scan.at < scan.end) {
    const character = scan.text[scan.at] as string;
    if (quote === undefined && stops.includes(character)) break;
    if (scan.syntax.hasQuotes === true && isQuote(character, quote)) {
      quote = quote === undefined ? character : undefined;
      scan.at++;
    } else scanPart(scan, quote, parts);
  }
  return parts;
}

function isQuote(character: string, open: string | undefined): boolean {
  return open === undefined ? character === '"' || character === "'" : character === open;
}

function scanPart(scan: Scan, quote: string | undefined, parts: TextPart[]): void {
  const { text, at, syntax } = scan;
  const character = text[at] as string;
  const next = at + 1 < scan.end ? (text[at + 1] as string) : "";
  if (
    character === syntax.escapeCharacter &&
    quote !== "'" &&
    next !== "" &&
    (quote === undefined || `"$${character}`.includes(next))
  ) {
    scan.at += 2;
    parts.push({ kind: "literal", text: next, start: at, end: at + 2 });
  } else if (character === "$" && quote !== "'") {
    const variable = syntax.hasDoubleDollar === true && next === "$" ? undefined : scanVariable(scan);
    if (variable !== undefined) parts.push(variable);
    else addLiteral(parts, scan, syntax.hasDoubleDollar === true && next === "$" ? 2 : 1);
  } else addLiteral(parts, scan, 1);
}

/** A run of characters that are written as they are is one part. */
function addLiteral(parts: TextPart[], scan: Scan, length: number): void {
  const start = scan.at;
  const end = start + length;
  const text = scan.text[start] as string;
  scan.at = end;
  const last = parts.at(-1);
  const isPlain = last?.kind === "literal" && last.text.length === last.end - last.start;
  if (isPlain && last.end === start && length === 1) {
    last.text += text;
    last.end = end;
  } else parts.push({ kind: "literal", text, start, end });
}

/** Leaves the scan where it is when there is no variable at the dollar. */
function scanVariable(scan: Scan): VariablePart | undefined {
  const start = scan.at;
  const hasBrace = scan.text[start + 1] === "{";
  const nameStart = start + (hasBrace ? 2 : 1);
  const name = nameAt(scan.text, nameStart, scan.end);
  if (name === "") return undefined;
  if (!hasBrace) {
    scan.at = nameStart + name.length;
    return { kind: "variable", name, start, end: scan.at };
  }
  const isReadable = scan.depth < deepestNesting && scan.unclosed.count < mostUnclosed;
  const found = isReadable ? scanBraces(scan, nameStart + name.length) : undefined;
  if (found === undefined) {
    scan.at = start;
    scan.unclosed.count++;
    return undefined;
  }
  return { kind: "variable", name, start, end: scan.at, ...found };
}

function scanBraces(scan: Scan, at: number): Partial<VariablePart> | undefined {
  const operator = /^(?::[-+?]|[-+?]|##?|%%?|\/\/?)/.exec(scan.text.slice(at, at + 2))?.[0];
  const inner = { ...scan, at: at + (operator?.length ?? 0), depth: scan.depth + 1 };
  const found: Partial<VariablePart> = {};
  if (operator !== undefined) {
    const isReplacement = operator.startsWith("/");
    found.operator = operator;
    found.word = scanParts(inner, isReplacement ? "/}" : "}");
    if (isReplacement && scan.text[inner.at] === "/") {
      inner.at++;
      found.replacement = scanParts(inner, "}");
    }
  }
  if (inner.at >= scan.end || scan.text[inner.at] !== "}") return undefined;
  scan.at = inner.at + 1;
  return found;
}

function nameAt(text: string, start: number, end: number): string {
  let at = start;
  while (at < end && /[A-Za-z_0-9]/.test(text[at] as string)) at++;
  const name = text.slice(start, at);
  return /^\d/.test(name) ? "" : name;
}
