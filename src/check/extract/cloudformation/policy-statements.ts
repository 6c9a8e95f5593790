import type { Node } from "yaml";
import type { RoleStatement } from "../../build-job.ts";
import type { TextRange } from "../../source-file.ts";
import { evaluateTexts } from "./evaluate-text.ts";
import { findCall } from "./template-call.ts";
import type { TemplateDocument } from "./template-document.ts";

export interface PolicyReading {
  statements: RoleStatement[];
  /** Something in it cannot be read here: `NotAction`, an effect that the stack decides. */
  isPartial: boolean;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export function readPolicyDocument(template: TemplateDocument, document: Node | undefined): PolicyReading {
  const { yaml } = template;
  const readings = template.choicesOf(document).flatMap((choice) => {
    const list = yaml.find(choice, "Statement");
    const isBranch = findCall(document)?.name === "Fn::If" || findCall(list)?.name === "Fn::If";
    return template.choicesOf(list).flatMap((node) => {
      if (findCall(node) !== undefined) return [undefined];
      const items = yaml.itemsOf(node);
      return (items.length > 0 ? items : [node]).flatMap((item) =>
        template
          .choicesOf(item)
          .map((statement) => readStatement(template, statement, isBranch || findCall(item)?.name === "Fn::If")),
      );
    });
  });
  return {
    statements: readings.filter((statement) => statement !== undefined),
    isPartial: readings.length === 0 || readings.includes(undefined),
  };
}

/** The effect of a policy that AWS keeps and that stands in no file. */
export function statementOf(range: TextRange, action: string): RoleStatement {
  return { effect: "Allow", actions: [action], resources: ["*"], range, resourceRanges: [range] };
}

function readStatement(template: TemplateDocument, node: Node, isBranch: boolean): RoleStatement | undefined {
  const { find } = template.yaml;
  const effect = evaluateTexts(template, find(node, "Effect"))[0]?.text.text;
  const actions = textsOf(template, find(node, "Action"));
  const resources = textsOf(template, find(node, "Resource"));
  if ((effect !== "Allow" && effect !== "Deny") || actions.length === 0 || resources.length === 0) return undefined;
  const isConditional = isBranch || find(node, "Condition") !== undefined;
  return {
    effect,
    actions: actions.map(({ text }) => text),
    resources: resources.map(({ text }) => text),
    range: template.rangeOf(node),
    resourceRanges: resources.map(({ range }) => range),
    ...(isConditional && { isConditional }),
  };
}

/** One text, or a list of them. */
function textsOf(template: TemplateDocument, node: Node | undefined): { text: string; range: TextRange }[] {
  return template.choicesOf(node).flatMap((choice) => {
    const items = findCall(choice) === undefined ? template.yaml.itemsOf(choice) : [];
    const values =
      items.length === 0 ? evaluateTexts(template, choice) : items.flatMap((i) => evaluateTexts(template, i));
    return values.map((value) => ({ text: value.text.text, range: template.rangeOf(value.node) }));
  });
}
