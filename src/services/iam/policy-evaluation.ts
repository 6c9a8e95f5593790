import { holdsCondition } from "./policy-condition.ts";
import type { PolicyDocument, Statement } from "./policy-document.ts";
import { type ConditionValues, resolveVariables } from "./policy-variables.ts";
import { matchesResource, matchesWildcard, patternOf } from "./wildcard.ts";

export interface AccessRequest {
  /** `ecr:PutImage`; actions do not tell case apart. */
  action: string;
  /** An ARN, or `*` where the action knows no resource. */
  resource: string;
  conditionValues: ConditionValues;
}

export type AccessDecision = "allowed" | "explicitDeny" | "implicitDeny";

/**
 * What identity policies say to one action on one resource: a Deny that applies wins, then an Allow, else nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluatePolicies(policies: readonly PolicyDocument[], request: AccessRequest): AccessDecision {
  let isAllowed = false;
  for (const policy of policies) {
    for (const statement of policy.statements) {
      if (!appliesTo(statement, policy.version, request)) continue;
      if (statement.effect === "Deny") return "explicitDeny";
      isAllowed = true;
    }
  }
  return isAllowed ? "allowed" : "implicitDeny";
}

function appliesTo(statement: Statement, version: PolicyDocument["version"], request: AccessRequest): boolean {
  const hasVariables = version === "2012-10-17";
  return (
    coversAction(statement, request.action) &&
    coversResource(statement, hasVariables, request) &&
    holdsConditions(statement, version, request.conditionValues)
  );
}

export function holdsConditions(
  statement: Statement,
  version: PolicyDocument["version"],
  values: ConditionValues,
): boolean {
  return statement.conditions.every((condition) => holdsCondition(condition, values, version === "2012-10-17"));
}

export function coversAction(statement: Pick<Statement, "actions" | "notActions">, action: string): boolean {
  const matches = (pattern: string) => matchesWildcard(patternOf(pattern), action, { ignoreCase: true });
  if (statement.notActions) return !statement.notActions.some(matches);
  return statement.actions?.some(matches) ?? false;
}

function coversResource(statement: Statement, hasVariables: boolean, request: AccessRequest): boolean {
  const matches = (text: string) => {
    const pattern = hasVariables ? resolveVariables(text, request.conditionValues) : patternOf(text);
    return pattern !== undefined && matchesResource(pattern, request.resource);
  };
  if (statement.notResources) return !statement.notResources.some(matches);
  return statement.resources?.some(matches) ?? false;
}
