import type { MappedText } from "../../mapped-text.ts";
import { joinPieces } from "../mapped-pieces.ts";
import type { TextPart } from "../variables/parse-variables.ts";
import { type FindVariable, resolveVariables } from "../variables/resolve-variables.ts";
import { templateEnd } from "./hcl-scanner.ts";

/** The `${NAME}` of a text; any other expression in one is a variable of which nothing is known. */
export function parseTemplate(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let start = 0;
  let at = 0;
  const addLiteral = (end: number) => {
    if (end > start) parts.push({ kind: "literal", text: text.slice(start, end), start, end });
  };
  while (at < text.length) {
    if (/^(?:\$\$|%%)\{/.test(text.slice(at, at + 3))) {
      addLiteral(at);
      parts.push({ kind: "literal", text: text.slice(at + 1, at + 3), start: at, end: at + 3 });
      start = at + 3;
      at = start;
      continue;
    }
    const end = templateEnd(text, at);
    if (end === undefined) at++;
    else {
      addLiteral(at);
      const written = text.slice(at + 2, end - 1).trim();
      parts.push({ kind: "variable", name: written, start: at, end });
      start = end;
      at = end;
    }
  }
  addLiteral(text.length);
  return parts;
}

/** The text with its variables put in and with its places; what is not constant stays as it is written. */
export function resolveTemplate(value: MappedText, find: FindVariable): MappedText {
  const pieces = parseTemplate(value.text).map((part) => {
    const { start, end } = part;
    const written = value.text.slice(start, end);
    const text = resolveVariables([part], find).text ?? written;
    return { text, range: { start, end }, isReplaced: text !== written };
  });
  return joinPieces(value, pieces);
}
