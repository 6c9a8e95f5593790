import type { Node } from "yaml";
import type { TextRange } from "../../source-file.ts";
import type { YamlDocument } from "../yaml-nodes.ts";
import { findCall } from "./template-call.ts";

export interface TemplateResource {
  logicalId: string;
  type: string;
  /** From its logical ID to the end of its body. */
  range: TextRange;
  body: Node;
  properties: Node | undefined;
}

/** A template as it is written, well-formed YAML or JSON and no more: types, functions and names may be any. */
export interface TemplateDocument {
  yaml: YamlDocument;
  format: "yaml" | "json";
  resources: readonly TemplateResource[];
  /** What a property may come to: one node, or the branches of `Fn::If` without those that leave it out. */
  choicesOf(node: Node | undefined): Node[];
  /** The nodes at the end of a path, through every choice and every item: `ContainerDefinitions[].Image`. */
  findAll(node: Node | undefined, path: string): Node[];
  findParameter(name: string): Node | undefined;
  findMapping(name: string): Node | undefined;
  /** Of a whole value, its `!Tag` included. */
  rangeOf(node: Node): TextRange;
  /** What is written at a place of the file. */
  writtenAt(range: TextRange): string;
}

/** Branches within branches, as deep as somebody may write them by hand. */
const deepest = 10;
/** Of the pieces that a value may be one of; more are a machine's, and say nothing new. */
export const mostChoices = 64;

export function openTemplate(text: string, yaml: YamlDocument): TemplateDocument {
  const { root, find, entriesOf, itemsOf, textOf } = yaml;

  function choicesOf(node: Node | undefined, depth = 0): Node[] {
    if (node === undefined) return [];
    const call = findCall(node);
    if (call?.name === "Ref" && textOf(call.argument)?.text === "AWS::NoValue") return [];
    if (call?.name !== "Fn::If" || depth === deepest) return [node];
    return itemsOf(call.argument)
      .slice(1)
      .flatMap((branch) => choicesOf(branch, depth + 1))
      .slice(0, mostChoices);
  }

  function findAll(node: Node | undefined, path: string): Node[] {
    return path.split(".").reduce<Node[]>((nodes, step) => {
      const key = step.replace(/\[\]$/, "");
      const values = nodes.flatMap((parent) => choicesOf(find(parent, key)));
      return key === step ? values : values.flatMap(itemsOf).flatMap((item) => choicesOf(item));
    }, choicesOf(node));
  }

  function rangeOf(node: Node): TextRange {
    const range = yaml.rangeOf(node);
    const { tag } = node as { tag?: unknown };
    if (typeof tag !== "string" || !tag.startsWith("!")) return trimRange(text, range);
    const start = text.lastIndexOf(tag, range.start);
    const isBefore = start !== -1 && /^\s*$/.test(text.slice(start + tag.length, range.start));
    return trimRange(text, isBefore ? { start, end: range.end } : range);
  }

  const resourceEntries = entriesOf(find(root, "Resources")).flatMap((entry) =>
    // A loop's third argument holds what is repeated: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
    entry.key.startsWith("Fn::ForEach::") ? entriesOf(itemsOf(entry.value)[2]) : [entry],
  );
  return {
    yaml,
    format: text.trimStart().startsWith("{") ? "json" : "yaml",
    resources: resourceEntries.flatMap(({ key, keyNode, value }) => {
      const type = textOf(find(value, "Type"))?.text;
      if (type === undefined) return [];
      const range = { start: yaml.rangeOf(keyNode).start, end: rangeOf(value).end };
      return [{ logicalId: key, type, range, body: value, properties: find(value, "Properties") }];
    }),
    choicesOf: (node) => choicesOf(node),
    findAll,
    findParameter: (name) => find(root, "Parameters", name),
    findMapping: (name) => find(root, "Mappings", name),
    rangeOf,
    writtenAt: ({ start, end }) => text.slice(start, end),
  };
}

/** A block's range goes on to the line after it. */
function trimRange(text: string, { start, end }: TextRange): TextRange {
  return { start, end: start + text.slice(start, end).trimEnd().length };
}
