import { type EvaluationScope, evaluate, unsupportedFunction } from "./evaluate.ts";
import { suggestName } from "./suggest-name.ts";
import { templateProblem } from "./template-error.ts";
import { type CallNode, findEntry, findText, type NodePlace, type TemplateNode } from "./template-node.ts";

/** What a condition is evaluated against: conditions know no resources. */
export type ConditionScope = Pick<EvaluationScope, "template" | "parameters" | "pseudo">;

/** The same with the conditions themselves, for rules. */
export type RuleScope = ConditionScope & Pick<EvaluationScope, "isTrue">;

/** Looks conditions up by name, each evaluated once. */
export function conditionLookup(scope: ConditionScope): EvaluationScope["isTrue"] {
  const known = new Map<string, boolean>();
  const open: string[] = [];

  function isTrue(name: string, place: NodePlace): boolean {
    const value = known.get(name);
    if (value !== undefined) return value;
    const declaration = scope.template.conditions.get(name);
    if (declaration === undefined) {
      const message = `Template error: unresolved condition dependency ${name} in Fn::If`;
      throw templateProblem("TEMPLATE_CONDITION", message, place, suggestName(name, scope.template.conditions.keys()));
    }
    if (open.includes(name)) {
      const message = `Template format error: Found circular condition dependency between ${[...open, name].join(" and ")}`;
      throw templateProblem("TEMPLATE_CYCLE", message, place);
    }
    open.push(name);
    try {
      const result = evaluateBoolean(declaration.value, conditionEvaluation({ ...scope, isTrue }), booleanFunctions);
      known.set(name, result);
      return result;
    } finally {
      open.pop();
    }
  }
  return isTrue;
}

function conditionEvaluation(scope: RuleScope): EvaluationScope {
  const refuse = (name: string, place: NodePlace): never => {
    const message = `Template format error: Unresolved dependencies [${name}]. Cannot reference resources in the Conditions block of the template`;
    throw templateProblem("TEMPLATE_REFERENCE", message, place);
  };
  const getAtt = (logicalId: string, _attribute: string, place: NodePlace) => refuse(logicalId, place);
  return { ...scope, ref: refuse, getAtt, findExport: () => undefined, willExport: () => false };
}

type BooleanFunction = (call: CallNode, scope: EvaluationScope, functions: BooleanFunctions) => boolean;
type BooleanFunctions = Readonly<Record<string, BooleanFunction>>;

const booleanFunctions: BooleanFunctions = {
  "Fn::And": (...call) => evaluateOperands(2, 10, ...call).every(Boolean),
  "Fn::Or": (...call) => evaluateOperands(2, 10, ...call).some(Boolean),
  "Fn::Not": (...call) => !evaluateOperands(1, 1, ...call)[0],
  "Fn::Equals": evaluateEquals,
};

/** Functions that only the assertions of rules may use. */
const ruleFunctions: BooleanFunctions = {
  ...booleanFunctions,
  "Fn::Contains": (call, scope) => {
    const [list, value] = textLists(call, scope);
    return list.includes(value[0] as string);
  },
  "Fn::EachMemberEquals": (call, scope) => {
    const [list, value] = textLists(call, scope);
    return list.every((text) => text === value[0]);
  },
  "Fn::EachMemberIn": (call, scope) => {
    const [list, allowed] = textLists(call, scope);
    return list.every((text) => allowed.includes(text));
  },
};

/** A rule's condition or assertion: parameters and pseudo parameters only. */
export function evaluateRuleFunction(node: TemplateNode, scope: RuleScope): boolean {
  return evaluateBoolean(node, conditionEvaluation(scope), ruleFunctions);
}

function evaluateBoolean(node: TemplateNode, scope: EvaluationScope, functions: BooleanFunctions): boolean {
  if (node.kind === "map" && node.entries.size === 1) {
    const name = findEntry(node, "Condition");
    const text = findText(name);
    if (name !== undefined && text !== undefined) return scope.isTrue(text, name.place);
  }
  if (node.kind === "call") {
    const run = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
    if (run === undefined) throw unsupportedFunction(node);
    return run(node, scope, functions);
  }
  const message = "Template format error: Conditions can only be boolean operations on parameters and other conditions";
  throw templateProblem("TEMPLATE_CONDITION", message, node.place);
}

function evaluateOperands(
  least: number,
  most: number,
  call: CallNode,
  scope: EvaluationScope,
  functions: BooleanFunctions,
): boolean[] {
  const items = call.argument.kind === "list" ? call.argument.items : [];
  if (items.length < least || items.length > most) {
    const count = most === 1 ? "one boolean parameter" : "a list of at least 2 and at most 10 boolean parameters";
    const message = `Template error: every ${call.name} object requires ${count}.`;
    throw templateProblem("TEMPLATE_FUNCTION", message, call.place);
  }
  return items.map((item) => evaluateBoolean(item, scope, functions));
}

function evaluateEquals(call: CallNode, scope: EvaluationScope): boolean {
  const items = call.argument.kind === "list" ? call.argument.items : [];
  const [left, right] = items.map((item) => findText(evaluate(item, scope)));
  if (items.length !== 2 || left === undefined || right === undefined) {
    const message = "Template error: every Fn::Equals object requires a list of 2 string parameters.";
    throw templateProblem("TEMPLATE_FUNCTION", message, call.place);
  }
  return left === right;
}

function textLists(call: CallNode, scope: EvaluationScope): [string[], string[]] {
  const items = call.argument.kind === "list" ? call.argument.items : [];
  const lists = items.map((item) => {
    const value = evaluate(item, scope);
    const texts = (value?.kind === "list" ? value.items : [value]).map(findText);
    return texts.filter((text) => text !== undefined);
  });
  if (lists.length === 2) return lists as [string[], string[]];
  throw templateProblem("TEMPLATE_FUNCTION", `Template error: every ${call.name} object requires 2 lists.`, call.place);
}
