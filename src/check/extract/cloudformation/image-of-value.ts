import type { Node } from "yaml";
import type { ImageUse } from "../../image-use.ts";
import { findImageEdit } from "../image-edit.ts";
import { findRegistryHint, markVariables } from "../registry-hint.ts";
import { evaluateTexts, type TextValue } from "./evaluate-text.ts";
import { findCall } from "./template-call.ts";
import type { TemplateDocument } from "./template-document.ts";

/** The images that a property may name. What is empty or a placeholder for a deployment to fill names none. */
export function imagesOf(
  template: TemplateDocument,
  node: Node | undefined,
  description: Pick<ImageUse, "kind" | "site"> & Partial<ImageUse>,
): ImageUse[] {
  return evaluateTexts(template, node)
    .filter(({ text: { text } }) => text.trim() !== "" && !/^<.*>$|^arn:/.test(text))
    .map((value) => ({ ...description, ...imageOf(template, value) }));
}

function imageOf(template: TemplateDocument, { node, text, isConstant, parameters }: TextValue) {
  const call = findCall(node);
  const all = { start: 0, end: text.text.length };
  const whole = template.rangeOf(node);
  // Of a function the whole is named, of a scalar what is between its quotes.
  const range = (call === undefined ? text.findRange(all) : undefined) ?? whole;
  const edit = findImageEdit(text, isConstant);
  const registryHint = isConstant ? undefined : findRegistryHint(markVariables(text.text));
  return {
    written: template.writtenAt(range),
    range,
    ...(isConstant && { reference: text.text }),
    ...(registryHint !== undefined && { registryHint }),
    ...(parameters.length > 0 && { variables: parameters }),
    ...(edit && { edit }),
  };
}
