import type { ImageUse } from "../../image-use.ts";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import type { TextPart } from "../variables/parse-variables.ts";
import { describeName, type FindVariable, resolveVariables } from "../variables/resolve-variables.ts";
import { parseTemplate } from "./bake-template.ts";
import type { BakeValue } from "./bake-value.ts";

/** A text's parts; those of a bare name are that one variable. */
export function partsOf(value: BakeValue): TextPart[] | undefined {
  if (value.kind === "text") return parseTemplate(value.text.text);
  if (value.kind === "name") return [{ kind: "variable", name: value.name, start: 0, end: value.name.length }];
  return value.kind === "other" && /^[\w.]+$/.test(value.written)
    ? [{ kind: "literal", text: value.written, start: 0, end: value.written.length }]
    : undefined;
}

/** Only what is in quotes can be changed there. */
export function placesOf(value: BakeValue): MappedText | undefined {
  return value.kind === "text" ? value.text : undefined;
}

/** Undefined where the value is not constant. */
export function constantText(value: BakeValue | undefined, find: FindVariable): string | undefined {
  const parts = value && partsOf(value);
  return parts && resolveVariables(parts, find).text;
}

/** An image within a text; the rest of it is not looked at. */
export function bakeImageUse(value: MappedText, find: FindVariable, site: string, fileText: string): ImageUse {
  const all = { start: 0, end: value.text.length };
  const range = value.findRange(all) ?? value.nearestRange(all);
  return {
    kind: "dockerfile",
    site,
    written: fileText.slice(range.start, range.end),
    range,
    ...describeName(parseTemplate(value.text), find, (part) => value.findRange(part)),
  };
}

/** What follows `docker-image://`. */
export function afterScheme(value: MappedText, scheme: string): MappedText | undefined {
  const { text } = value;
  return text.startsWith(scheme) ? pieceOf(value, { start: scheme.length, end: text.length }) : undefined;
}
