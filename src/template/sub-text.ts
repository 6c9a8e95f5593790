import { templateProblem } from "./template-error.ts";
import { findText, type MapNode, type TemplateNode } from "./template-node.ts";
import type { TemplateSource } from "./template-source.ts";

/** A piece of Fn::Sub's text: plain, or the name in `${…}`. */
export type SubPiece = { literal: string } | { variable: string };

export interface SubCall {
  pieces: readonly SubPiece[];
  variables: MapNode<TemplateNode> | undefined;
  /** The node of the text, for the places of the variables in it. */
  text: TemplateNode;
}

/** Reads Fn::Sub's argument: a string, or a list of a string and a map. `${!Name}` is the literal `${Name}`. */
export function readSub(argument: TemplateNode, source: TemplateSource): SubCall {
  const isPair = argument.kind === "list" && argument.items.length === 2;
  const text = isPair ? argument.items[0] : argument;
  const variables = isPair ? argument.items[1] : undefined;
  const written = text?.kind === "scalar" ? findText(text) : undefined;
  if (text === undefined || written === undefined || (variables !== undefined && variables.kind !== "map")) {
    const message =
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. " +
      "Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string";
    throw templateProblem("TEMPLATE_FUNCTION", message, argument.place);
  }
  return { pieces: readPieces(written, text, source), variables: variables as SubCall["variables"], text };
}

function readPieces(written: string, node: TemplateNode, source: TemplateSource): SubPiece[] {
  const pieces: SubPiece[] = [];
  let end = 0;
  for (const match of written.matchAll(/\$\{([^}]*)\}/g)) {
    const [whole, inner = ""] = match;
    if (match.index > end) pieces.push({ literal: written.slice(end, match.index) });
    end = match.index + whole.length;
    if (inner.startsWith("!")) pieces.push({ literal: `\${${inner.slice(1)}}` });
    else if (/^[A-Za-z0-9_.:]+$/.test(inner.trim())) pieces.push({ variable: inner.trim() });
    else {
      const message =
        "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons";
      const hint = `${whole} is none; write \${!…} where it is to stay as it is`;
      throw templateProblem("TEMPLATE_FUNCTION", message, source.placeOf(whole, node.place), hint);
    }
  }
  if (end < written.length) pieces.push({ literal: written.slice(end) });
  return pieces;
}
