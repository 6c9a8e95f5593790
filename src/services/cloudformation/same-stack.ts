import { isDeepStrictEqual } from "node:util";
import type { SecretBox } from "../../store/secret-box.ts";
import { parseTemplate } from "../../template/parse-template.ts";
import type { Template } from "../../template/template.ts";
import { findEntry, toPlain } from "../../template/template-node.ts";
import type { StackPlan } from "./plan-stack.ts";
import type { StackRecord } from "./stack.ts";

/** Sections that make a difference; comments, order of keys and the description do not. */
const compared = ["Parameters", "Mappings", "Conditions", "Resources", "Outputs"];

/** Whether an update of the stack to the plan would change nothing. */
export function isSameStack(stack: StackRecord, plan: StackPlan, secretBox: SecretBox): boolean {
  const parameters = JSON.parse(secretBox.open(stack.sealedParameters)) as Record<string, string>;
  const isSameTemplate =
    stack.template === plan.template.source.text ||
    isDeepStrictEqual(comparedParts(parseTemplate(stack.template)), comparedParts(plan.template));
  return isSameTemplate && isDeepStrictEqual(parameters, plan.parameters);
}

function comparedParts({ root }: Template): unknown[] {
  return compared.map((name) => {
    const section = findEntry(root, name);
    return section === undefined ? {} : toPlain(section);
  });
}
