import type { ImageUse } from "../../image-use.ts";
import type { MappedText } from "../../mapped-text.ts";
import { joinPieces, type TextPiece } from "../mapped-pieces.ts";
import { parseVariables, type TextPart, type VariablePart } from "../variables/parse-variables.ts";
import {
  describeName,
  type FindVariable,
  resolveVariables,
  withOuterVariables,
} from "../variables/resolve-variables.ts";

const syntax = { hasDoubleDollar: true };

/** Of a value with variables: what it comes to, undefined where the environment decides. */
export function interpolate(value: MappedText | undefined, find: FindVariable): string | undefined {
  return value && resolveVariables(parseVariables(value.text, syntax), find).text;
}

/** The value with its variables put in and with its places; a variable that the environment decides stays as it is written. */
export function interpolateText(value: MappedText, find: FindVariable): MappedText {
  const piecesOf = (part: TextPart): TextPiece[] => {
    const { start, end } = part;
    const written = value.text.slice(start, end);
    // A default is a piece of the file as well.
    if (part.kind === "variable" && isDefault(part, find)) return (part.word ?? []).flatMap(piecesOf);
    const text = resolveVariables([part], find).text ?? written;
    return [{ text, range: { start, end }, isReplaced: text !== written }];
  };
  return joinPieces(value, parseVariables(value.text, syntax).flatMap(piecesOf));
}

function isDefault({ name, operator = "" }: VariablePart, find: FindVariable): boolean {
  const value = find(name)?.value;
  return operator.endsWith("-") && (value === undefined || (value === "" && operator === ":-"));
}

/** What a compose file's values are read with. */
export interface ComposeContext {
  find: FindVariable;
  fileText: string;
}

export function composeImageUse(
  value: MappedText,
  { find, fileText }: ComposeContext,
  description: Partial<ImageUse> & { site: string },
): ImageUse {
  const all = { start: 0, end: value.text.length };
  const range = value.findRange(all) ?? value.nearestRange(all);
  const name = describeName(parseVariables(value.text, syntax), find, (part) => value.findRange(part));
  const { reference, edit, ...ofTemplate } = name;
  return {
    kind: "development",
    written: fileText.slice(range.start, range.end),
    range,
    ...((reference ?? value.text).includes("{{") ? ofTemplate : name),
    ...description,
  };
}

export function withComposeVariables(image: ImageUse, find: FindVariable): ImageUse {
  return withOuterVariables(image, parseVariables(image.written, syntax), find);
}
