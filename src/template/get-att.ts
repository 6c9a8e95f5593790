import { templateProblem } from "./template-error.ts";
import { findText, type TemplateNode } from "./template-node.ts";

/** `Resource.Attribute`, or `[Resource, Attribute]`, where the attribute may be a Ref. */
export interface GetAttCall {
  logicalId: string;
  attribute: TemplateNode;
}

export function readGetAtt(argument: TemplateNode): GetAttCall {
  const text = argument.kind === "scalar" ? findText(argument) : undefined;
  if (text !== undefined) {
    // At the first dot: an attribute may hold dots itself.
    const [, logicalId, attribute] = /^([^.]+)\.(.+)$/s.exec(text) ?? [];
    if (logicalId !== undefined && attribute !== undefined) {
      const node: TemplateNode = { kind: "scalar", value: attribute, text: attribute, place: argument.place };
      return { logicalId, attribute: node };
    }
    const message =
      "Template error: if specifying one argument to Fn::GetAtt, that argument must be a non-empty string in format <LogicalId>.<Attribute>";
    throw templateProblem("TEMPLATE_FUNCTION", message, argument.place);
  }
  const [first, attribute, ...rest] = argument.kind === "list" ? argument.items : [];
  const logicalId = first?.kind === "scalar" ? findText(first) : undefined;
  if (logicalId === undefined || logicalId === "" || attribute === undefined || rest.length > 0) {
    const message =
      "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute";
    throw templateProblem("TEMPLATE_FUNCTION", message, argument.place);
  }
  return { logicalId, attribute };
}
