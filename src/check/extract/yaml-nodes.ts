import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from "yaml";
import type { ExtractionNote } from "../extraction.ts";
import { type MappedText, scalarText } from "../mapped-text.ts";
import type { TextRange } from "../source-file.ts";
import { parseYaml } from "./parse-yaml.ts";

/** A key with its value, at the place where each is written. */
export interface YamlEntry {
  key: string;
  keyNode: Scalar;
  value: Node;
}

/**
 * A YAML or JSON document whose nodes are read one by one: nothing is expanded, so that an alias bomb costs nothing. An
 * alias leads to its anchor, a merge key (`<<`) to the entries that it brings.
 */
export interface YamlDocument {
  root: Node | undefined;
  /** Of a map; empty for any other node. A key that is written beside `<<` hides the merged one. */
  entriesOf(node: Node | undefined): YamlEntry[];
  itemsOf(node: Node | undefined): Node[];
  /** Down a path of keys. */
  find(node: Node | undefined, ...keys: readonly string[]): Node | undefined;
  /** A scalar's value with its places; undefined for null and for any other node. */
  textOf(node: Node | undefined): MappedText | undefined;
  rangeOf(node: Node): TextRange;
}

/** Anchors may lead to anchors; a chain that is longer is a loop or an attack. */
const longestChain = 20;

/** A node with an anchor may stand in many places; in more than these only an alias bomb has it. */
const mostVisits = 1000;

/** All documents of a text; one with a syntax error is left out, with a note that says where. */
export function readYaml(source: MappedText): { documents: YamlDocument[]; notes: ExtractionNote[] } {
  const documents: YamlDocument[] = [];
  const notes: ExtractionNote[] = [];
  const whole = source.nearestRange({ start: 0, end: source.text.length });
  try {
    for (const document of parseYaml(source.text)) {
      const [error] = document.errors;
      if (error === undefined) documents.push(openDocument(source, document.contents));
      else {
        const [summary = ""] = error.message.split(/ at line \d+|:\n/);
        const [start, end] = error.pos;
        notes.push({
          message: `not well-formed YAML: ${summary}`,
          range: source.nearestRange(within(source.text, start, end)),
        });
      }
    }
  } catch (error) {
    // The parser recurses: some thousand levels end its stack.
    if (!(error instanceof RangeError)) throw error;
    notes.push({ message: "nested too deeply to be read", range: whole });
  }
  return { documents, notes };
}

/** The parser places what is missing at the end behind it. */
function within({ length }: string, start: number, end: number): TextRange {
  return { start: Math.min(start, length), end: Math.min(end, length) };
}

function openDocument(source: MappedText, contents: unknown): YamlDocument {
  const anchors = new Map<string, Node>();
  const entries = new Map<Node, YamlEntry[]>();
  const isWornOut = visitCounter();

  function follow(node: unknown): Node | undefined {
    let target = node as Node | null | undefined;
    for (let length = 0; isAlias(target); length++) {
      if (length === longestChain) return undefined;
      if (anchors.size === 0) collectAnchors(contents, anchors);
      target = anchors.get(target.source);
    }
    return target ?? undefined;
  }

  function entriesOf(node: Node | undefined, depth = 0): YamlEntry[] {
    const map = follow(node);
    if (!isMap(map)) return [];
    // Each map is read once: merge keys that lead to maps with merge keys would double the work at each level.
    const known = entries.get(map) ?? [];
    if (entries.has(map)) return known;
    entries.set(map, known);
    for (const entry of readEntries(map.items as Pair<Node, Node | null>[], depth)) known.push(entry);
    return known;
  }

  function readEntries(items: readonly Pair<Node, Node | null>[], depth: number): YamlEntry[] {
    const own = new Map<string, YamlEntry>();
    const merged: YamlEntry[][] = [];
    for (const { key, value } of items) {
      const target = follow(value);
      if (!isScalar(key) || target === undefined) continue;
      const name = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
      if (name === "<<" && depth < longestChain) merged.push(mergedEntries(target, depth));
      else own.set(name, { key: name, keyNode: key, value: target });
    }
    return [...own.values(), ...merged.flat().filter(({ key }) => !own.has(key))];
  }

  function mergedEntries(node: Node, depth: number): YamlEntry[] {
    const sources = isSeq(node) ? (node.items as Node[]) : [node];
    const byName = new Map<string, YamlEntry>();
    for (const entry of sources.flatMap((source) => entriesOf(source, depth + 1))) {
      if (!byName.has(entry.key)) byName.set(entry.key, entry);
    }
    return [...byName.values()];
  }

  return {
    root: follow(contents),
    entriesOf: (node) => (isWornOut(follow(node)) ? [] : entriesOf(node)),
    itemsOf(node) {
      const sequence = follow(node);
      return isSeq(sequence) && !isWornOut(sequence)
        ? sequence.items.map(follow).filter((item) => item !== undefined)
        : [];
    },
    find(node, ...keys) {
      return keys.reduce<Node | undefined>(
        (parent, key) => entriesOf(parent).find((entry) => entry.key === key)?.value,
        follow(node),
      );
    },
    textOf(node) {
      const scalar = follow(node);
      return isScalar(scalar) && scalar.value !== null ? scalarText(source, scalar) : undefined;
    },
    rangeOf(node) {
      const [start, end] = node.range ?? [0, 0];
      return source.nearestRange({ start, end });
    },
  };
}

/** True for a node that was asked for too often: a reader that walks all nodes would walk those of a bomb 9^30 times. */
function visitCounter(): (node: Node | undefined) => boolean {
  const visits = new Map<Node, number>();
  return (node) => {
    if (!(isMap(node) || isSeq(node)) || node.anchor === undefined) return false;
    const count = (visits.get(node) ?? 0) + 1;
    visits.set(node, count);
    return count > mostVisits;
  };
}

function collectAnchors(node: unknown, anchors: Map<string, Node>): void {
  const open: unknown[] = [node];
  while (open.length > 0) {
    const next = open.pop();
    if ((isScalar(next) || isMap(next) || isSeq(next)) && next.anchor !== undefined) anchors.set(next.anchor, next);
    // One by one: a call takes no more than some ten thousand arguments.
    if (isSeq(next)) for (const item of next.items) open.push(item);
    else if (isMap(next)) for (const { key, value } of next.items) open.push(key, value);
  }
}
