import { readGetAtt } from "./get-att.ts";
import { readSub } from "./sub-text.ts";
import { type CallNode, findEntry, findText, type NodePlace, type TemplateNode } from "./template-node.ts";
import type { TemplateSource } from "./template-source.ts";

/** A name that a part of a template uses. */
export type Reference =
  | { kind: "ref"; name: string; place: NodePlace }
  | { kind: "getAtt"; name: string; attribute: string | undefined; place: NodePlace }
  | { kind: "condition"; name: string; place: NodePlace };

export interface ReferenceSearch {
  source: TemplateSource;
  /** Which branch of an Fn::If is taken; without it, both are searched. */
  isTrue?: ((condition: string, place: NodePlace) => boolean) | undefined;
}

/** Every reference in a node. Throws for a malformed Fn::Sub or Fn::GetAtt. */
export function findReferences(node: TemplateNode, search: ReferenceSearch): Reference[] {
  switch (node.kind) {
    case "scalar":
      return [];
    case "list":
      return node.items.flatMap((item) => findReferences(item, search));
    case "map":
      return [...node.entries.values()].flatMap(({ value }) => findReferences(value, search));
    case "call":
      return callReferences(node, search);
  }
}

function callReferences(call: CallNode, search: ReferenceSearch): Reference[] {
  switch (call.name) {
    case "Ref": {
      const name = findText(call.argument);
      return name === undefined ? [] : [{ kind: "ref", name, place: call.argument.place }];
    }
    case "Fn::GetAtt": {
      const { logicalId, attribute } = readGetAtt(call.argument);
      const { place } = call.argument;
      const name = attribute.kind === "scalar" ? findText(attribute) : undefined;
      return [{ kind: "getAtt", name: logicalId, attribute: name, place }, ...findReferences(attribute, search)];
    }
    case "Fn::Sub":
      return subReferences(call, search);
    case "Fn::If":
      return ifReferences(call, search);
    default:
      return findReferences(call.argument, search);
  }
}

function subReferences(call: CallNode, search: ReferenceSearch): Reference[] {
  const { pieces, variables, text } = readSub(call.argument, search.source);
  const own = pieces.flatMap((piece): Reference[] => {
    if (!("variable" in piece) || findEntry(variables, piece.variable) !== undefined) return [];
    const place = search.source.placeOf(`\${${piece.variable}`, text.place);
    const dot = piece.variable.indexOf(".");
    if (dot < 0) return [{ kind: "ref", name: piece.variable, place }];
    const attribute = piece.variable.slice(dot + 1);
    return [{ kind: "getAtt", name: piece.variable.slice(0, dot), attribute, place }];
  });
  return variables === undefined ? own : [...own, ...findReferences(variables, search)];
}

function ifReferences({ argument }: CallNode, search: ReferenceSearch): Reference[] {
  if (argument.kind !== "list") return findReferences(argument, search);
  const [first, then, otherwise] = argument.items;
  const name = findText(first);
  if (first === undefined || name === undefined || then === undefined || otherwise === undefined) return [];
  const condition: Reference = { kind: "condition", name, place: first.place };
  const branches =
    search.isTrue === undefined ? [then, otherwise] : [search.isTrue(name, first.place) ? then : otherwise];
  return [condition, ...branches.flatMap((branch) => findReferences(branch, search))];
}
