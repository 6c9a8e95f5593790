import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { UsageError } from "../usage-error.ts";
import { findJsonError } from "./find-json-error.ts";
import { templateProblem, throwProblems } from "./template-error.ts";
import { type MapEntry, type NodePlace, scalarOf, type TemplateNode } from "./template-node.ts";
import type { TemplateSource } from "./template-source.ts";

/**
 * Reads YAML or JSON as CloudFormation does: `!Short` tags are calls, timestamps are strings, aliases are refused.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export function parseDocumentNode(source: TemplateSource): TemplateNode {
  const isJson = source.text.trimStart().startsWith("{");
  const document = isJson ? readJson(source) : readYaml(source);
  const problems: UsageError[] = [];
  const node = convert(document.contents, { source, problems });
  throwProblems(problems);
  return node;
}

interface Conversion {
  source: TemplateSource;
  problems: UsageError[];
}

function readYaml(source: TemplateSource): Document<ParsedNode> {
  const document = parse(source.text);
  // Only the first: what follows a syntax error is mostly its echo.
  const [error] = document.errors;
  if (error !== undefined) {
    const place = source.placeAt(error.pos[0]);
    const [summary] = error.message.split(/ at line \d+|:\n/);
    const message = `Template format error: YAML not well-formed. (line ${place.line}, column ${place.column})`;
    throwProblems([templateProblem("TEMPLATE_SYNTAX", message, place, summary)]);
  }
  return document;
}

function readJson(source: TemplateSource): Document<ParsedNode> {
  // A tab is white space in JSON, and an error in YAML's indentation; of the same length, it leaves places true.
  const document = parse(source.text.replaceAll("\t", " "));
  const offset = findJsonError(source.text);
  if (offset !== undefined) {
    const place = source.placeAt(offset);
    const message = `Template format error: JSON not well-formed. (line ${place.line}, column ${place.column})`;
    throwProblems([templateProblem("TEMPLATE_SYNTAX", message, place)]);
  }
  return document;
}

/** Of a key that is given twice CloudFormation takes the last, as the entries of a map here do. */
function parse(text: string): Document<ParsedNode> {
  return parseDocument(text, { schema: "core", logLevel: "silent", uniqueKeys: false });
}

function convert(node: Node | null | undefined, conversion: Conversion): TemplateNode {
  if (node === null || node === undefined) return scalarOf(null, conversion.source.placeAt(0));
  const place = placeOfNode(node, conversion.source);
  if (isAlias(node)) {
    const message = "Template format error: YAML aliases are not allowed in CloudFormation templates";
    conversion.problems.push(templateProblem("TEMPLATE_SYNTAX", message, place, "write the value out in both places"));
    return scalarOf(null, place);
  }
  const value = convertUntagged(node, place, conversion);
  const tag = typeof node.tag === "string" && /^!\w/.test(node.tag) ? node.tag : undefined;
  return tag === undefined ? value : convertTag(tag.slice(1), value, place);
}

function convertUntagged(node: Node, place: NodePlace, conversion: Conversion): TemplateNode {
  if (isScalar(node)) {
    const value = isTemplateScalar(node.value) ? node.value : String(node.value);
    const text = typeof value === "string" ? value : (node.source ?? String(value));
    return { kind: "scalar", value, text: value === null ? "" : text, place };
  }
  if (isSeq(node)) return { kind: "list", items: node.items.map((item) => convert(item as Node, conversion)), place };
  if (isMap(node)) return convertMap(node, place, conversion);
  throw new TypeError("a YAML node that is neither scalar, sequence nor map");
}

function isTemplateScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function convertMap(node: YAMLMap, place: NodePlace, conversion: Conversion): TemplateNode {
  const entries = new Map<string, MapEntry<TemplateNode>>();
  for (const pair of node.items) {
    const key = pair.key as Node;
    const keyPlace = key.range ? placeOfNode(key, conversion.source) : place;
    if (!isScalar(key)) {
      const message = "Template format error: a key must be a string";
      conversion.problems.push(templateProblem("TEMPLATE_SYNTAX", message, keyPlace));
      continue;
    }
    const value = pair.value === null ? scalarOf(null, keyPlace) : convert(pair.value as Node, conversion);
    entries.set(typeof key.value === "string" ? key.value : (key.source ?? String(key.value)), { keyPlace, value });
  }
  const [name, entry] = [...entries][0] ?? [];
  if (entries.size === 1 && name !== undefined && entry !== undefined && isCallName(name)) {
    return { kind: "call", name, argument: entry.value, place: entry.keyPlace };
  }
  return { kind: "map", entries, place };
}

function isCallName(key: string): boolean {
  return key === "Ref" || key.startsWith("Fn::");
}

function convertTag(tag: string, argument: TemplateNode, place: NodePlace): TemplateNode {
  if (tag === "Condition") {
    return { kind: "map", entries: new Map([["Condition", { keyPlace: place, value: argument }]]), place };
  }
  const name = tag === "Ref" ? "Ref" : `Fn::${tag}`;
  // The short form of GetAtt splits at the first dot: attributes may hold dots themselves.
  return { kind: "call", name, argument, place };
}

function placeOfNode(node: Node, source: TemplateSource): NodePlace {
  const [start, end] = node.range ?? [0, 0];
  return source.placeAt(start, end);
}
