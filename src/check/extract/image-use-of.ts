import type { ImageUse, ImageUseKind } from "../image-use.ts";
import type { MappedText } from "../mapped-text.ts";
import { findRegistryHint, markVariables } from "./registry-hint.ts";

/**
 * The use of an image whose whole reference is `value`, which can be replaced where it is written in one piece. With a
 * variable in it the caller says what it comes to, if that is constant, and whether the place can be changed.
 */
export function imageUseOf(
  value: MappedText,
  description: { kind: ImageUseKind; site: string } & Partial<Omit<ImageUse, "written" | "range">>,
): ImageUse {
  const all = { start: 0, end: value.text.length };
  const range = value.findRange(all);
  const isConstant = !value.text.includes("$") && !value.text.includes("{{");
  const registryHint = isConstant ? undefined : findRegistryHint(markVariables(value.text));
  return {
    written: value.text,
    range: range ?? value.nearestRange(all),
    ...(isConstant && { reference: value.text }),
    ...(registryHint !== undefined && { registryHint }),
    ...(isConstant && range !== undefined && { edit: { range, holds: "reference", text: value.text } }),
    ...description,
  };
}
