import type { SourcePlace } from "../usage-error.ts";

/** A value in a template, at the place where its author wrote it. `Fn::` maps and `!Short` tags are calls alike. */
export type TemplateNode = ScalarNode | ListNode<TemplateNode> | MapNode<TemplateNode> | CallNode;

/** A value after evaluation. What only a created resource can tell is unknown until then. */
export type ResolvedNode = ScalarNode | ListNode<ResolvedNode> | MapNode<ResolvedNode> | UnknownNode;

/** A place with its offsets in the source text; `end` is exclusive. */
export interface NodePlace extends SourcePlace {
  start: number;
  end: number;
}

export interface ScalarNode {
  kind: "scalar";
  value: string | number | boolean | null;
  /** As its author wrote it: CloudFormation hands `0777` and `1.0` to string properties unchanged. */
  text: string;
  place: NodePlace;
}

export interface ListNode<Node> {
  kind: "list";
  items: readonly Node[];
  place: NodePlace;
}

export interface MapNode<Node> {
  kind: "map";
  entries: ReadonlyMap<string, MapEntry<Node>>;
  place: NodePlace;
}

export interface MapEntry<Node> {
  keyPlace: NodePlace;
  value: Node;
}

/** `{"Ref": …}` or `{"Fn::Name": …}`. */
export interface CallNode {
  kind: "call";
  name: string;
  argument: TemplateNode;
  place: NodePlace;
}

export interface UnknownNode {
  kind: "unknown";
  place: NodePlace;
}

export function scalarOf(value: string | number | boolean | null, place: NodePlace): ScalarNode {
  return { kind: "scalar", value, text: value === null ? "" : String(value), place };
}

/** The text of a string (or of a number or boolean, which CloudFormation takes for a string). */
export function findText(node: TemplateNode | ResolvedNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? node.text : undefined;
}

export function findEntry<Node>(node: MapNode<Node> | undefined, key: string): Node | undefined {
  return node?.entries.get(key)?.value;
}

/** Any JSON value that a template node can be made of. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue };

/** What stands for a value that is not known before its resource is created; AWS's own text for it. */
export const knownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}";

/** Plain JSON of a node; a call becomes its long form. */
export function toPlain(node: TemplateNode | ResolvedNode): PlainValue {
  switch (node.kind) {
    case "scalar":
      return plainScalar(node);
    case "list":
      return node.items.map(toPlain);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
    case "call":
      return { [node.name]: toPlain(node.argument) };
    case "unknown":
      return knownAfterApply;
  }
}

/** A number that does not print as it was written (`0777`, `1.0`, an account ID) stays its author's text. */
export function plainScalar(node: ScalarNode): string | number | boolean | null {
  return typeof node.value === "number" && String(node.value) !== node.text ? node.text : node.value;
}
