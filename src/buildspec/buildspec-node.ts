import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { BuildspecError } from "./buildspec.ts";

/** A buildspec's YAML nodes with aliases followed and merge keys taken in; refusals name their place. */
export interface BuildspecNodes {
  /** A mapping's entries; undefined for what is none. */
  entriesOf(node: unknown): Entries | undefined;
  /** The text as written. Undefined for what is no scalar, and for null. */
  text(node: unknown): string | undefined;
  /** The items of a list; undefined for what is none. */
  items(node: unknown): unknown[] | undefined;
  lineOf(node: unknown): number | undefined;
  refusal(message: string, node: unknown, hint?: string): BuildspecError;
}

/** Key → value node. */
export type Entries = Map<string, Node | null>;

/** More than any buildspec needs; ends aliases that contain themselves. */
const deepestMerge = 20;

export function openBuildspecNodes(document: Document, lines: LineCounter): BuildspecNodes {
  const refusal = (message: string, node: unknown, hint?: string) => {
    const place = placeOf(node, lines);
    return new BuildspecError(place === undefined ? message : `${message} at line ${place.line}`, {
      ...place,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const followed = (node: unknown): unknown => {
    if (!isAlias(node)) return node;
    const target = node.resolve(document);
    if (target === undefined) throw refusal(`unknown anchor '${node.source}' referenced`, node);
    return target;
  };
  const text = (node: unknown) => textOf(followed(node));
  const items = (node: unknown) => {
    const list = followed(node);
    return isSeq(list) ? list.items.map(followed) : undefined;
  };
  const entriesOf = (node: unknown, depth = 0): Entries | undefined => {
    const map = followed(node);
    if (!isMap(map)) return undefined;
    if (depth > deepestMerge) throw refusal("aliases are nested too deeply", node);
    const entries: Entries = new Map();
    const isMerge = ({ key }: { key: unknown }) => text(key) === "<<";
    const merged = map.items.filter(isMerge).flatMap(({ value }) => items(value) ?? [value]);
    // Of several merged mappings the first wins, and the mapping's own keys win over all: https://yaml.org/type/merge.html
    for (const part of merged.reverse()) {
      for (const [name, value] of entriesOf(part, depth + 1) ?? []) entries.set(name, value);
    }
    for (const pair of map.items) {
      if (!isMerge(pair)) entries.set(text(pair.key) ?? "", followed(pair.value) as Node | null);
    }
    return entries;
  };
  return { entriesOf, text, items, refusal, lineOf: (node) => placeOf(node, lines)?.line };
}

function placeOf(node: unknown, lines: LineCounter): { line: number; column: number } | undefined {
  const start = (node as Node | null | undefined)?.range?.[0];
  if (start === undefined) return undefined;
  const { line, col } = lines.linePos(start);
  return { line, column: col };
}

/** `yes`, `0.20` and `2020-01-01` stay what they are. */
function textOf(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

export function isNothing(node: unknown): boolean {
  return node == null || (isScalar(node) && node.value === null);
}

/** Undefined where there is no such key, or nothing behind it. Refuses what is no mapping. */
export function readMap(nodes: BuildspecNodes, parent: Entries | undefined, key: string): Entries | undefined {
  const node = parent?.get(key);
  if (isNothing(node)) return undefined;
  const entries = nodes.entriesOf(node);
  if (entries === undefined) throw nodes.refusal(`${key} is not a mapping`, node);
  return entries;
}

/** A mapping of names to texts; nothing behind a name is the empty text. */
export function readTextMap(nodes: BuildspecNodes, parent: Entries | undefined, key: string): Record<string, string> {
  const entries = [...(readMap(nodes, parent, key) ?? [])];
  return Object.fromEntries(
    entries.map(([name, node]) => {
      const value = isNothing(node) ? "" : nodes.text(node);
      if (value === undefined) throw nodes.refusal(`Expected ${key}.${name} to be of string type`, node);
      return [name, value];
    }),
  );
}

/** A list of texts; one text is a list of one. */
export function readTexts(nodes: BuildspecNodes, parent: Entries | undefined, key: string): string[] {
  const node = parent?.get(key);
  if (isNothing(node)) return [];
  const single = nodes.text(node);
  const texts = single === undefined ? nodes.items(node)?.map(nodes.text) : [single];
  if (texts === undefined || texts.includes(undefined))
    throw nodes.refusal(`Expected ${key} to be a list of strings`, node);
  return texts as string[];
}
