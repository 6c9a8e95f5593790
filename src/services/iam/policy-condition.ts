import { findOperator, type ValueTest } from "./condition-operators.ts";
import { malformed } from "./iam-error.ts";
import { type ConditionValues, resolveVariables } from "./policy-variables.ts";
import { patternOf } from "./wildcard.ts";

/**
 * One key of a statement's Condition. All of a statement's conditions must hold.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export interface StatementCondition {
  /** As written, such as `ForAnyValue:StringLikeIfExists`. */
  operator: string;
  /** In lower case; condition keys do not tell case apart. */
  key: string;
  values: string[];
}

interface ParsedOperator {
  quantifier: "ForAllValues" | "ForAnyValue" | undefined;
  name: string;
  ifExists: boolean;
}

/** Throws MalformedPolicyDocument for an operator that does not exist or values that it cannot compare. */
export function parseCondition(operator: string, key: string, value: unknown): StatementCondition {
  const { name } = parseOperator(operator);
  if (key === "" || !key.includes(":"))
    throw malformed(`The condition key ${key || '""'} must have a prefix such as aws:.`);
  const list = Array.isArray(value) ? value : [value];
  const values = list.map((item) => {
    if (typeof item === "string" || typeof item === "boolean" || typeof item === "number") return String(item);
    throw malformed(`The value of ${operator} for ${key} must be a string, a number, a boolean or a list of these.`);
  });
  if (values.length === 0) throw malformed(`The condition ${operator} has no value for ${key}.`);
  for (const text of values) checkValue(name, text);
  return { operator, key: key.toLowerCase(), values };
}

/** Whether the condition holds. `hasVariables` is true for policies of version 2012-10-17. */
export function holdsCondition(condition: StatementCondition, values: ConditionValues, hasVariables: boolean): boolean {
  const { quantifier, name, ifExists } = parseOperator(condition.operator);
  const found = values[condition.key];
  const given = found === undefined ? [] : typeof found === "string" ? [found] : found;
  if (name === "Null")
    return condition.values.some((value) => (value.toLowerCase() === "true") === (given.length === 0));
  const test = findOperator(name) as ValueTest;
  if (given.length === 0)
    return ifExists || quantifier === "ForAllValues" || (test.isNegated && quantifier === undefined);

  const patterns = condition.values.map((text) => (hasVariables ? resolveVariables(text, values) : patternOf(text)));
  const matchesOne = (value: string) =>
    patterns.some((pattern) => pattern !== undefined && test.matches(pattern, value));
  const holds = (value: string) => matchesOne(value) !== test.isNegated;
  // A negated operator asks that none of several values matches; a positive one that any does.
  const needsAll = quantifier === "ForAllValues" || (quantifier === undefined && test.isNegated);
  return needsAll ? given.every(holds) : given.some(holds);
}

function parseOperator(operator: string): ParsedOperator {
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator);
  const [, quantifier, name = "", suffix] = match ?? [];
  const isKnown = name === "Null" ? suffix === undefined : findOperator(name) !== undefined;
  if (!isKnown) throw malformed(`Invalid Condition type : ${operator}.`);
  return { quantifier: quantifier as ParsedOperator["quantifier"], name, ifExists: suffix !== undefined };
}

function checkValue(name: string, text: string): void {
  const isVariable = text.includes("${");
  const isValid = name === "Null" ? /^(true|false)$/i.test(text) : (findOperator(name)?.isValid?.(text) ?? true);
  if (!isVariable && !isValid) throw malformed(`The value ${text} does not suit the condition ${name}.`);
}
