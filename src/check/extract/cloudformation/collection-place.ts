import { isMap, isSeq, type Node } from "yaml";
import type { CollectionPlace } from "../../build-job.ts";
import { findCall } from "./template-call.ts";
import type { TemplateDocument } from "./template-document.ts";

/** The place of a map or a list that an edit can add to; undefined for any other node. */
export function collectionPlaceOf(template: TemplateDocument, node: Node | undefined): CollectionPlace | undefined {
  if (!isMap(node) && !isSeq(node)) return undefined;
  const range = template.rangeOf(node);
  const isFlow = node.flow === true;
  const lineStart = template.writtenAt({ start: 0, end: range.start }).lastIndexOf("\n") + 1;
  return { range, column: range.start - lineStart, isFlow, isEmpty: node.items.length === 0 };
}

/** Of a list that is written as one: a function's argument and a single statement are none. */
export function listPlaceOf(template: TemplateDocument, node: Node | undefined): CollectionPlace | undefined {
  return isSeq(node) && findCall(node) === undefined ? collectionPlaceOf(template, node) : undefined;
}
