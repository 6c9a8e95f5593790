import { findImageReference } from "../../oci/image-reference.ts";
import type { Extraction } from "../extraction.ts";
import type { ImageUseKind } from "../image-use.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import { openFindings } from "./findings.ts";
import { type VariableScope, variableImageUse } from "./variable-image.ts";

/** `image: busybox:1.36`, of which the repository is constant; what `{{ }}` names stands in the chart's values. */
const imageLine =
  /^[ \t]*(?:-[ \t]+)?(["']?)image\1[ \t]*:[ \t]*(["']?)((?:\{\{[^\n]*?\}\}|[^\s"'#{])+)\2[ \t]*(?:#.*)?\r?$/gm;

const noVariables: VariableScope = { pattern: /\{\{-?\s*(.*?)\s*-?\}\}/g, find: () => undefined };

/** The lines with a constant image of a text that gives YAML once it is rendered. */
export function readTemplateLines(text: string, kind: ImageUseKind): Extraction {
  const findings = openFindings(text);
  const source = wholeText(text);
  for (const { 0: line, 2: quote = "", 3: image = "", index } of text.matchAll(imageLine)) {
    if (isInComment(text, index)) continue;
    const start = index + line.indexOf(image, line.indexOf(":") + 1 + quote.length);
    const place = pieceOf(source, { start, end: start + image.length });
    if (hasConstantRepository(place)) findings.addImage(variableImageUse(place, noVariables, { kind, site: "image" }));
  }
  return findings.extraction();
}

function hasConstantRepository({ text }: MappedText): boolean {
  const beginning = text.split("{{")[0] ?? "";
  if (beginning !== text && !/[:@]$/.test(beginning)) return false;
  return findImageReference(beginning.replace(/[:@]$/, "")) !== undefined;
}

function isInComment(text: string, index: number): boolean {
  const before = text.slice(0, index);
  return (
    before.lastIndexOf("{{/*") > before.lastIndexOf("*/") || before.lastIndexOf("{{- /*") > before.lastIndexOf("*/")
  );
}
