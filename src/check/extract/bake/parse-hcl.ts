import type { ExtractionNote } from "../../extraction.ts";
import { wholeText } from "../../mapped-text.ts";
import { joinPieces, type TextPiece } from "../mapped-pieces.ts";
import type { BakeBlock, BakeBody, BakeEntry, BakeValue } from "./bake-value.ts";
import { type HclScanner, skipSpace, takeHeredoc, takeMatch, takeQuoted } from "./hcl-scanner.ts";

/** What cannot be read ends the reading of the file; what stands before it counts. */
class HclSyntaxError extends Error {
  readonly at: number;
  constructor(at: number, expected: string) {
    super(`not well-formed HCL: expected ${expected}`);
    this.at = at;
  }
}

const deepestNesting = 40;

/** The part of HCL that bake files are made of: blocks, attributes, texts, lists and maps. Other expressions are passed over. */
export function parseHcl(text: string): BakeBody & { notes: ExtractionNote[] } {
  const scanner: HclScanner = { text, at: text.startsWith("\ufeff") ? 1 : 0 };
  const entries: BakeEntry[] = [];
  const blocks: BakeBlock[] = [];
  try {
    for (skipSpace(scanner, true); scanner.at < text.length; skipSpace(scanner, true)) {
      const item = parseItem(scanner, 0);
      if ("type" in item) blocks.push(item);
      else entries.push(item);
    }
  } catch (error) {
    if (!(error instanceof HclSyntaxError)) throw error;
    const start = Math.min(error.at, text.length);
    return { entries, blocks, notes: [{ message: error.message, range: { start, end: start } }] };
  }
  return { entries, blocks, notes: [] };
}

function parseItem(scanner: HclScanner, depth: number): BakeEntry | BakeBlock {
  const start = scanner.at;
  const [name] = takeMatch(scanner, /[A-Za-z_][\w-]*/) ?? [];
  if (name === undefined) throw new HclSyntaxError(start, "a name");
  skipSpace(scanner, false);
  if (takeMatch(scanner, /=(?!=)/) !== undefined) return { key: name, value: parseValue(scanner, depth, false) };
  const labels: string[] = [];
  for (;;) {
    const label = takeMatch(scanner, /"([^"\n]*)"|[A-Za-z_][\w-]*/);
    if (label === undefined) break;
    labels.push(label[1] ?? label[0]);
    skipSpace(scanner, false);
  }
  const range = { start, end: scanner.at };
  if (takeMatch(scanner, /\{/) === undefined) throw new HclSyntaxError(scanner.at, "= or {");
  return { type: name, labels, range, entries: parseBlockBody(scanner, depth + 1) };
}

/** A block within a block has nothing that is needed here. */
function parseBlockBody(scanner: HclScanner, depth: number): BakeEntry[] {
  if (depth > deepestNesting) throw new HclSyntaxError(scanner.at, "less nesting");
  const entries: BakeEntry[] = [];
  for (;;) {
    skipSpace(scanner, true);
    if (takeMatch(scanner, /\}/) !== undefined) return entries;
    const item = parseItem(scanner, depth);
    if ("key" in item) entries.push(item);
  }
}

/** `overLines`: within brackets a line's end means nothing. */
function parseValue(scanner: HclScanner, depth: number, overLines: boolean): BakeValue {
  if (depth > deepestNesting) throw new HclSyntaxError(scanner.at, "less nesting");
  skipSpace(scanner, overLines);
  const start = scanner.at;
  const value = parsePrimary(scanner, depth);
  skipSpace(scanner, overLines);
  // Behind a whole value there is a line's end, a comment, or what ends an item.
  if (value !== undefined && takeMatch(scanner, /(?=$|[\r\n,}\]):#]|\/\/)/) !== undefined) return value;
  skipExpression(scanner, overLines);
  const range = { start, end: scanner.at };
  return { kind: "other", written: scanner.text.slice(start, scanner.at).trim(), range };
}

function parsePrimary(scanner: HclScanner, depth: number): BakeValue | undefined {
  const start = scanner.at;
  const rangeNow = () => ({ start, end: scanner.at });
  const first = scanner.text[start];
  if (first === '"' || first === "<") {
    const pieces = first === '"' ? takeQuoted(scanner) : takeHeredoc(scanner);
    return pieces && textValue(scanner, pieces, rangeNow());
  }
  if (first === "[" || first === "{") {
    scanner.at++;
    const isFor = takeMatch(scanner, /\s*for\s/) !== undefined;
    if (isFor) {
      scanner.at = start;
      return undefined;
    }
    if (first === "[") return { kind: "list", items: parseItems(scanner, depth + 1), range: rangeNow() };
    return { kind: "map", entries: parseEntries(scanner, depth + 1), range: rangeNow() };
  }
  const [name] = takeMatch(scanner, /[A-Za-z_][\w-]*/) ?? [];
  if (name === undefined) return undefined;
  if (/^(?:true|false|null)$/.test(name)) return { kind: "other", written: name, range: rangeNow() };
  return { kind: "name", name, range: rangeNow() };
}

function textValue({ text }: HclScanner, pieces: readonly TextPiece[], range: BakeValue["range"]): BakeValue {
  return { kind: "text", text: joinPieces(wholeText(text), pieces), range };
}

function parseItems(scanner: HclScanner, depth: number): BakeValue[] {
  const items: BakeValue[] = [];
  for (;;) {
    skipSpace(scanner, true);
    if (takeMatch(scanner, /\]/) !== undefined) return items;
    const start = scanner.at;
    items.push(parseValue(scanner, depth, true));
    skipSpace(scanner, true);
    const hasComma = takeMatch(scanner, /,/) !== undefined;
    if (!hasComma && (scanner.text[scanner.at] !== "]" || scanner.at === start))
      throw new HclSyntaxError(scanner.at, ", or ]");
  }
}

function parseEntries(scanner: HclScanner, depth: number): BakeEntry[] {
  const entries: BakeEntry[] = [];
  for (;;) {
    skipSpace(scanner, true);
    if (takeMatch(scanner, /\}/) !== undefined) return entries;
    const key = takeMatch(scanner, /"([^"\n]*)"|\(([^()\n]*)\)|[A-Za-z_][\w.-]*/);
    skipSpace(scanner, false);
    if (key === undefined || takeMatch(scanner, /[=:]/) === undefined)
      throw new HclSyntaxError(scanner.at, "NAME = VALUE");
    entries.push({ key: key[1] ?? key[2] ?? key[0], value: parseValue(scanner, depth, false) });
    skipSpace(scanner, true);
    takeMatch(scanner, /,/);
  }
}

/** To the end of an expression that is not looked into: a line's end or a comma outside of brackets and quotes. */
function skipExpression(scanner: HclScanner, overLines: boolean): void {
  const { text } = scanner;
  let depth = 0;
  for (; scanner.at < text.length; scanner.at++) {
    const character = text[scanner.at] as string;
    if (character === '"') {
      if (takeQuoted(scanner) === undefined) throw new HclSyntaxError(scanner.at, "a closing quote");
      scanner.at--;
    } else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character) && --depth < 0) return;
    else if (depth === 0 && (character === "," || (character === "\n" && !overLines))) return;
  }
}
