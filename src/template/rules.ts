import type { UsageError } from "../usage-error.ts";
import { evaluateRuleFunction, type RuleScope } from "./conditions.ts";
import { collectProblems, templateProblem } from "./template-error.ts";

/** Rules whose condition holds and whose assertion does not. They look at parameters only. */
export function checkRules(scope: RuleScope): UsageError[] {
  const problems: UsageError[] = [];
  for (const { name, ruleCondition, assertions } of scope.template.rules.values()) {
    const applies = collectProblems(
      problems,
      () => ruleCondition === undefined || evaluateRuleFunction(ruleCondition, scope),
    );
    if (!applies) continue;
    for (const { assert, description, place } of assertions) {
      const holds = collectProblems(problems, () => evaluateRuleFunction(assert, scope));
      if (holds !== false) continue;
      const message = `Template error: rule ${name} failed: ${description ?? "an assertion does not hold"}`;
      problems.push(templateProblem("TEMPLATE_RULE", message, place));
    }
  }
  return problems;
}
