import type { Node } from "yaml";
import type { ExtractionNote } from "../../extraction.ts";
import { wholeText } from "../../mapped-text.ts";
import { readYaml, type YamlDocument } from "../yaml-nodes.ts";
import type { BakeBlock, BakeBody, BakeEntry, BakeValue } from "./bake-value.ts";

/** The JSON form: `{"target": {"NAME": {…}}}`. JSON is YAML. */
export function parseBakeJson(text: string): BakeBody & { notes: ExtractionNote[] } {
  const { documents, notes } = readYaml(wholeText(text));
  const [document] = documents;
  if (document === undefined) return { entries: [], blocks: [], notes };
  const blocks: BakeBlock[] = [];
  const entries: BakeEntry[] = [];
  for (const { key, keyNode, value } of document.entriesOf(document.root)) {
    if (!/^(?:target|group|variable|function)$/.test(key)) {
      entries.push({ key, value: readValue(document, value, 0) });
      continue;
    }
    for (const { key: label, value: body } of document.entriesOf(value)) {
      const inBlock = document
        .entriesOf(body)
        .map((entry) => ({ key: entry.key, value: readValue(document, entry.value, 0) }));
      blocks.push({ type: key, labels: [label], range: document.rangeOf(keyNode), entries: inBlock });
    }
  }
  return { entries, blocks, notes };
}

const deepestNesting = 10;

function readValue(document: YamlDocument, node: Node, depth: number): BakeValue {
  const range = document.rangeOf(node);
  const text = document.textOf(node);
  if (text !== undefined) return { kind: "text", text, range };
  const entries = document.entriesOf(node);
  if (depth < deepestNesting && entries.length > 0) {
    return {
      kind: "map",
      entries: entries.map(({ key, value }) => ({ key, value: readValue(document, value, depth + 1) })),
      range,
    };
  }
  if (depth < deepestNesting) {
    return { kind: "list", items: document.itemsOf(node).map((item) => readValue(document, item, depth + 1)), range };
  }
  return { kind: "other", written: "", range };
}
