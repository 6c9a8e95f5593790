import type { EvaluationScope } from "./evaluate.ts";
import { readGetAtt } from "./get-att.ts";
import { readSub, type SubPiece } from "./sub-text.ts";
import { templateProblem } from "./template-error.ts";
import {
  type CallNode,
  findEntry,
  findText,
  type NodePlace,
  type ResolvedNode,
  scalarOf,
  type TemplateNode,
} from "./template-node.ts";

type Evaluate = (node: TemplateNode) => ResolvedNode | undefined;

type IntrinsicFunction = (call: CallNode, scope: EvaluationScope, evaluate: Evaluate) => ResolvedNode | undefined;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
export const intrinsicFunctions: Readonly<Record<string, IntrinsicFunction>> = {
  Ref: evaluateRef,
  "Fn::Base64": evaluateBase64,
  "Fn::FindInMap": evaluateFindInMap,
  "Fn::GetAZs": evaluateGetAvailabilityZones,
  "Fn::GetAtt": evaluateGetAtt,
  "Fn::If": evaluateIf,
  "Fn::ImportValue": evaluateImportValue,
  "Fn::Join": evaluateJoin,
  "Fn::Select": evaluateSelect,
  "Fn::Split": evaluateSplit,
  "Fn::Sub": evaluateSub,
};

export const noValue = "AWS::NoValue";

function functionProblem(message: string, place: NodePlace, hint?: string): Error {
  return templateProblem("TEMPLATE_FUNCTION", `Template error: ${message}`, place, hint);
}

function listOf(values: readonly string[], place: NodePlace): ResolvedNode {
  return { kind: "list", items: values.map((value) => scalarOf(value, place)), place };
}

function textOrUnknown(text: string | undefined, place: NodePlace): ResolvedNode {
  return text === undefined ? { kind: "unknown", place } : scalarOf(text, place);
}

function evaluateRef({ argument, place }: CallNode, scope: EvaluationScope): ResolvedNode | undefined {
  const name = argument.kind === "scalar" ? findText(argument) : undefined;
  if (name === undefined) throw functionProblem("every Ref object must have a single String value.", place);
  return resolveName(name, argument.place, scope);
}

/** A name that Ref or `${…}` may hold: pseudo parameter, parameter or resource. */
function resolveName(name: string, place: NodePlace, scope: EvaluationScope): ResolvedNode | undefined {
  if (name === noValue) return undefined;
  const pseudo = Object.hasOwn(scope.pseudo, name) ? scope.pseudo[name as keyof typeof scope.pseudo] : undefined;
  const value = pseudo ?? scope.parameters.get(name);
  if (typeof value === "string") return scalarOf(value, place);
  if (value !== undefined) return listOf(value, place);
  return textOrUnknown(scope.ref(name, place), place);
}

function evaluateGetAtt({ argument }: CallNode, scope: EvaluationScope, evaluate: Evaluate): ResolvedNode | undefined {
  const call = readGetAtt(argument);
  const attribute = findText(evaluate(call.attribute));
  if (attribute === undefined) {
    const message =
      "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute";
    throw functionProblem(message, argument.place);
  }
  return textOrUnknown(scope.getAtt(call.logicalId, attribute, argument.place), argument.place);
}

function evaluateSub({ argument }: CallNode, scope: EvaluationScope, evaluate: Evaluate): ResolvedNode | undefined {
  const { source } = scope.template;
  const { pieces, variables, text } = readSub(argument, source);
  const resolvePiece = (piece: SubPiece): string | undefined => {
    if ("literal" in piece) return piece.literal;
    const place = source.placeOf(`\${${piece.variable}`, text.place);
    const own = findEntry(variables, piece.variable);
    const value = own === undefined ? resolveVariable(piece.variable, place, scope) : evaluate(own);
    if (value?.kind === "unknown") return undefined;
    const resolved = findText(value);
    if (resolved !== undefined) return resolved;
    throw functionProblem(`Fn::Sub expression does not resolve to a string: \${${piece.variable}}`, place);
  };
  const resolved = pieces.map(resolvePiece);
  return textOrUnknown(resolved.includes(undefined) ? undefined : resolved.join(""), text.place);
}

function resolveVariable(name: string, place: NodePlace, scope: EvaluationScope): ResolvedNode | undefined {
  const dot = name.indexOf(".");
  if (dot < 0) return resolveName(name, place, scope);
  return textOrUnknown(scope.getAtt(name.slice(0, dot), name.slice(dot + 1), place), place);
}

/** The arguments of a function that takes a list of so many; otherwise its message is the error. */
function argumentsOf({ argument }: CallNode, count: number, message: string): readonly TemplateNode[] {
  if (argument.kind === "list" && argument.items.length === count) return argument.items;
  throw functionProblem(message, argument.place);
}

const joinMessage =
  "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";

function evaluateJoin(call: CallNode, _scope: EvaluationScope, evaluate: Evaluate): ResolvedNode {
  const [first, second] = argumentsOf(call, 2, joinMessage) as [TemplateNode, TemplateNode];
  const delimiter = first.kind === "scalar" ? findText(first) : undefined;
  const list = evaluate(second);
  if (list?.kind === "unknown") return list;
  if (delimiter === undefined || list?.kind !== "list") throw functionProblem(joinMessage, call.argument.place);
  if (list.items.some((item) => item.kind === "unknown")) return { kind: "unknown", place: call.place };
  const texts = list.items.map((item) => {
    const text = findText(item);
    if (text === undefined) throw functionProblem(joinMessage, item.place);
    return text;
  });
  return scalarOf(texts.join(delimiter), call.place);
}

const splitMessage =
  "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.";

function evaluateSplit(call: CallNode, _scope: EvaluationScope, evaluate: Evaluate): ResolvedNode {
  const [first, second] = argumentsOf(call, 2, splitMessage) as [TemplateNode, TemplateNode];
  const delimiter = first.kind === "scalar" ? findText(first) : undefined;
  const node = evaluate(second);
  if (node?.kind === "unknown") return node;
  const text = findText(node);
  if (delimiter === undefined || delimiter === "" || text === undefined) {
    throw functionProblem(splitMessage, call.argument.place);
  }
  return listOf(text.split(delimiter), call.place);
}

const selectMessage = "Fn::Select requires a list argument with two elements: an integer index and a list";

function evaluateSelect(call: CallNode, _scope: EvaluationScope, evaluate: Evaluate): ResolvedNode {
  const [first, second] = argumentsOf(call, 2, selectMessage) as [TemplateNode, TemplateNode];
  const indexText = findText(evaluate(first));
  const list = evaluate(second);
  if (indexText === undefined || !/^\d+$/.test(indexText)) throw functionProblem(selectMessage, first.place);
  if (list?.kind === "unknown") return list;
  if (list?.kind !== "list") throw functionProblem(selectMessage, second.place);
  const item = list.items[Number(indexText)];
  if (item !== undefined) return item;
  const hint = `the list has ${list.items.length} item${list.items.length === 1 ? "" : "s"}; the first is 0`;
  throw functionProblem(`Fn::Select cannot select nonexistent value at index ${indexText}`, first.place, hint);
}

const findInMapMessage =
  "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";

function evaluateFindInMap(call: CallNode, scope: EvaluationScope, evaluate: Evaluate): ResolvedNode | undefined {
  const keys = argumentsOf(call, 3, findInMapMessage).map((argument) => {
    const text = findText(evaluate(argument));
    if (text === undefined) throw functionProblem(findInMapMessage, argument.place);
    return text;
  });
  const [name, key, attribute] = keys as [string, string, string];
  const map = findEntry(scope.template.mappings.get(name), key);
  const value = map?.kind === "map" ? findEntry(map, attribute) : undefined;
  if (value === undefined) {
    throw functionProblem(`Unable to get mapping for ${keys.join("::")}`, call.argument.place);
  }
  return evaluate(value);
}

function evaluateBase64(call: CallNode, _scope: EvaluationScope, evaluate: Evaluate): ResolvedNode {
  const value = evaluate(call.argument);
  if (value?.kind === "unknown") return value;
  const text = findText(value);
  if (text === undefined) throw functionProblem("every Fn::Base64 object must have a String-typed value.", call.place);
  return scalarOf(Buffer.from(text, "utf8").toString("base64"), call.place);
}

/** Three zones for every region: which zones an account has cannot be known here. */
function evaluateGetAvailabilityZones(call: CallNode, scope: EvaluationScope, evaluate: Evaluate): ResolvedNode {
  const given = evaluate(call.argument);
  const region = findText(given) || scope.pseudo["AWS::Region"];
  if (given !== undefined && given.kind !== "scalar") {
    throw functionProblem("every Fn::GetAZs object must have a String-typed value.", call.place);
  }
  return listOf(
    ["a", "b", "c"].map((zone) => `${region}${zone}`),
    call.place,
  );
}

function evaluateImportValue(call: CallNode, scope: EvaluationScope, evaluate: Evaluate): ResolvedNode {
  const name = findText(evaluate(call.argument));
  if (name === undefined) {
    const message = "the attribute in Fn::ImportValue must be a string or a function that returns a string";
    throw functionProblem(message, call.argument.place, "it may not depend on a resource");
  }
  const value = scope.findExport(name);
  if (value !== undefined) return scalarOf(value, call.place);
  if (scope.willExport(name)) return { kind: "unknown", place: call.place };
  const hint = "deploy the stack that exports it first";
  throw templateProblem("TEMPLATE_REFERENCE", `No export named ${name} found.`, call.argument.place, hint);
}

function evaluateIf(call: CallNode, scope: EvaluationScope, evaluate: Evaluate): ResolvedNode | undefined {
  const message = "Fn::If requires a list argument with three elements";
  const [first, then, otherwise] = argumentsOf(call, 3, message) as [TemplateNode, TemplateNode, TemplateNode];
  const condition = first.kind === "scalar" ? findText(first) : undefined;
  if (condition === undefined) {
    throw functionProblem("Fn::If requires its first argument to be the name of a condition", first.place);
  }
  return evaluate(scope.isTrue(condition, first.place) ? then : otherwise);
}
