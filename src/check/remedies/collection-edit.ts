import type { CollectionPlace } from "../build-job.ts";
import type { TextEdit } from "../text-edit.ts";
import {
  type Entry,
  formatBlockEntry,
  formatBlockItem,
  formatFlow,
  formatFlowEntry,
  type TemplateValue,
} from "./template-value.ts";

/** A YAML or JSON text, in whose own style is written what is added to its maps and lists. */
export interface EditedDocument {
  text: string;
  format: "yaml" | "json";
}

/** Behind the list's last item. */
export function appendItems(
  document: EditedDocument,
  place: CollectionPlace,
  items: readonly TemplateValue[],
): TextEdit {
  if (place.isFlow) return appendFlow(document, place, itemTexts(document, place, items));
  const indentation = " ".repeat(place.column);
  return insertBehind(document, place, itemTexts(document, place, items), indentation);
}

/** Behind the map's last entry. */
export function appendEntries(document: EditedDocument, place: CollectionPlace, entries: readonly Entry[]): TextEdit {
  if (place.isFlow) return appendFlow(document, place, entryTexts(document, place, entries));
  return insertBehind(document, place, entryTexts(document, place, entries), " ".repeat(place.column));
}

/** Before the list's first item. */
export function prependItems(
  document: EditedDocument,
  place: CollectionPlace,
  items: readonly TemplateValue[],
): TextEdit {
  const texts = itemTexts(document, place, items);
  if (place.isFlow) return prependFlow(document, place, texts);
  const indentation = " ".repeat(place.column);
  return insertAt(document, place.range.start, texts.map((text) => `${text}\n${indentation}`).join(""));
}

/** Before the map's first entry, and the comment that stands above it. */
export function prependEntries(document: EditedDocument, place: CollectionPlace, entries: readonly Entry[]): TextEdit {
  const texts = entryTexts(document, place, entries);
  if (place.isFlow) return prependFlow(document, place, texts);
  const indentation = " ".repeat(place.column);
  const at = startOfComment(document.text, place.range.start);
  return insertAt(document, at, texts.map((text) => `${indentation}${text}\n`).join(""));
}

/** Before the entry of a map whose key stands at `at`. */
export function insertEntryBefore(
  document: EditedDocument,
  place: CollectionPlace,
  at: number,
  entry: Entry,
): TextEdit {
  const [text = ""] = entryTexts(document, place, [entry]);
  if (!place.isFlow) return insertAt(document, at, `${text}\n${" ".repeat(place.column)}`);
  const lines = memberIndentation(document, place);
  return insertAt(document, at, `${text},${lines === undefined ? " " : `\n${lines}`}`);
}

function entryTexts(document: EditedDocument, place: CollectionPlace, entries: readonly Entry[]): string[] {
  const { format } = document;
  const step = stepOf(document.text);
  if (!place.isFlow) return entries.map((entry) => formatBlockEntry(entry, " ".repeat(place.column), step));
  const lines = memberIndentation(document, place);
  if (format === "json" && lines !== undefined) {
    return entries.map(([key, value]) => `${JSON.stringify(key)}: ${formatJsonLines(value, lines, step)}`);
  }
  return entries.map((entry) => formatFlowEntry(entry, format));
}

function itemTexts(document: EditedDocument, place: CollectionPlace, items: readonly TemplateValue[]): string[] {
  const { format } = document;
  const step = stepOf(document.text);
  if (!place.isFlow) return items.map((item) => formatBlockItem(item, " ".repeat(place.column), step));
  const lines = memberIndentation(document, place);
  if (format === "json" && lines !== undefined) return items.map((item) => formatJsonLines(item, lines, step));
  return items.map((item) => formatFlow(item, format));
}

function formatJsonLines(value: TemplateValue, indentation: string, step: string): string {
  return JSON.stringify(value, null, step).replaceAll("\n", `\n${indentation}`);
}

/** Of a flow collection that has its members on lines of their own. */
function memberIndentation({ text }: EditedDocument, { range }: CollectionPlace): string | undefined {
  return /^[{[][ \t]*\r?\n([ \t]*)/.exec(text.slice(range.start, range.end))?.[1];
}

function appendFlow(document: EditedDocument, place: CollectionPlace, texts: readonly string[]): TextEdit {
  const inner = document.text.slice(place.range.start, place.range.end - 1).trimEnd();
  const lines = memberIndentation(document, place);
  const separator = lines === undefined || place.isEmpty ? " " : `\n${lines}`;
  const before = place.isEmpty || inner.endsWith(",") ? "" : ",";
  const first = place.isEmpty && document.text[place.range.start] === "[" ? "" : separator;
  const after = place.isEmpty && first !== "" ? " " : "";
  return insertAt(document, place.range.start + inner.length, before + first + texts.join(`,${separator}`) + after);
}

function prependFlow(document: EditedDocument, place: CollectionPlace, texts: readonly string[]): TextEdit {
  if (place.isEmpty) return appendFlow(document, place, texts);
  const lines = memberIndentation(document, place);
  const at = place.range.start + 1;
  if (lines !== undefined) return insertAt(document, at, texts.map((text) => `\n${lines}${text},`).join(""));
  const isTight = /\S/.test(document.text[at] ?? " ");
  const joined = texts.map((text) => `${text},`).join(" ");
  return insertAt(document, at, isTight ? `${joined} ` : ` ${joined}`);
}

function insertBehind(
  document: EditedDocument,
  { range }: CollectionPlace,
  texts: readonly string[],
  indentation: string,
): TextEdit {
  return insertAt(document, range.end, texts.map((text) => `\n${indentation}${text}`).join(""));
}

/** Of the first line of the comment above, with blank lines between; of the line itself where there is none. */
function startOfComment(text: string, at: number): number {
  let first = text.lastIndexOf("\n", at - 1) + 1;
  for (let line = first; line > 0; ) {
    line = text.lastIndexOf("\n", line - 2) + 1;
    const [, comment] = /^[ \t]*(#.*)?\r?\n/.exec(text.slice(line)) ?? [];
    if (comment !== undefined) first = line;
    else if (!/^[ \t]*\r?\n/.test(text.slice(line))) break;
  }
  return first;
}

/** What its author indents by: that of the first line that is. */
function stepOf(text: string): string {
  return /^([ ]+|\t)[^\s#]/m.exec(text)?.[1] ?? "  ";
}

function insertAt({ text }: EditedDocument, at: number, inserted: string): TextEdit {
  const newLine = text.includes("\r\n") ? "\r\n" : "\n";
  return { range: { start: at, end: at }, text: inserted.replaceAll("\n", newLine) };
}
