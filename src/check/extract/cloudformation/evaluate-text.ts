import { isScalar, type Node } from "yaml";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import type { TextRange } from "../../source-file.ts";
import { joinTexts } from "../shell/join-texts.ts";
import { findCall, type TemplateCall } from "./template-call.ts";
import { mostChoices, type TemplateDocument } from "./template-document.ts";

/** What a property comes to, as far as the template decides it. */
export interface TextValue {
  /** The node that it was written as; of `Fn::If`, the branch. */
  node: Node;
  /** With `${LogicalId}`, `${LogicalId.Attribute}` and `${AWS::Region}` for what only the stack decides. */
  text: MappedText;
  isConstant: boolean;
  /** Parameters whose defaults are in it: who makes the stack may give others. */
  parameters: readonly string[];
}

type Piece = Omit<TextValue, "node">;

/** Functions within functions; a longer chain is nobody's. */
const deepest = 12;

/** All values that a property may have: one, or more through `Fn::If` and through a mapping that the stack chooses from. */
export function evaluateTexts(template: TemplateDocument, node: Node | undefined): TextValue[] {
  return template
    .choicesOf(node)
    .flatMap((choice) => evaluate({ template, depth: 0 }, choice).map((piece) => ({ node: choice, ...piece })));
}

/** The one value of a property, if there is one. */
export function findText(template: TemplateDocument, node: Node | undefined): TextValue | undefined {
  const values = evaluateTexts(template, node);
  return values.length === 1 ? values[0] : undefined;
}

interface Evaluation {
  template: TemplateDocument;
  depth: number;
}

function evaluate({ template, depth }: Evaluation, node: Node): Piece[] {
  if (depth > deepest) return [];
  const within = { template, depth: depth + 1 };
  const call = findCall(node);
  if (call === undefined) {
    const text = template.yaml.textOf(node);
    return text === undefined ? [] : [constantOf(text)];
  }
  switch (call.name) {
    case "Ref":
      return evaluateReference(within, node, template.yaml.textOf(call.argument)?.text ?? "");
    case "Fn::GetAtt":
      return [unknownPiece(within, node, attributeName(within, call.argument))];
    case "Fn::Sub":
      return evaluateSub(within, node, call);
    case "Fn::Join":
      return evaluateJoin(within, node, call);
    case "Fn::If":
      return template.choicesOf(node).flatMap((choice) => evaluate(within, choice));
    case "Fn::FindInMap":
      return evaluateMapping(within, node, call);
    case "Fn::Select":
      return evaluateSelect(within, node, call);
    default:
      return [unknownPiece(within, node, call.name)];
  }
}

function constantOf(text: MappedText): Piece {
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
  return { text, isConstant: !text.text.includes("{{resolve:"), parameters: [] };
}

function unknownPiece({ template }: Evaluation, node: Node, name: string): Piece {
  return { text: placedText(`\${${name}}`, template.rangeOf(node)), isConstant: false, parameters: [] };
}

function attributeName({ template: { yaml } }: Evaluation, argument: Node): string {
  if (isScalar(argument)) return yaml.textOf(argument)?.text ?? "";
  return yaml
    .itemsOf(argument)
    .map((item) => yaml.textOf(item)?.text ?? "")
    .join(".");
}

function evaluateReference(within: Evaluation, node: Node, name: string): Piece[] {
  return [findDefault(within, name) ?? unknownPiece(within, node, name)];
}

/** A parameter's default. That of an SSM parameter is its name, not its value. */
function findDefault({ template }: Evaluation, name: string): Piece | undefined {
  const { textOf, find } = template.yaml;
  const parameter = template.findParameter(name);
  const text = textOf(find(parameter, "Default"));
  if (text === undefined || textOf(find(parameter, "Type"))?.text.startsWith("AWS::SSM::")) return undefined;
  return { ...constantOf(text), parameters: [name] };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html */
function evaluateSub(within: Evaluation, node: Node, { argument }: TemplateCall): Piece[] {
  const { entriesOf, itemsOf, textOf } = within.template.yaml;
  const [templateNode, variablesNode] = isScalar(argument) ? [argument] : itemsOf(argument);
  const text = textOf(templateNode);
  if (text === undefined) return [unknownPiece(within, node, "Fn::Sub")];
  const given = new Map(
    entriesOf(variablesNode).flatMap(({ key, value }) => {
      const values = within.template.choicesOf(value).flatMap((choice) => evaluate(within, choice));
      return values.length > 0 ? [[key, values] as const] : [];
    }),
  );
  const pieces: Piece[][] = [];
  let at = 0;
  // A variable that stays open stays in its literal, so that the two have one place.
  let isOpen = false;
  const addLiteral = (end: number) => {
    if (end > at) pieces.push([{ text: pieceOf(text, { start: at, end }), isConstant: !isOpen, parameters: [] }]);
    isOpen = false;
    at = end;
  };
  for (const match of text.text.matchAll(/\$\{(!?)\s*([^}]*?)\s*\}/g)) {
    const [all, literal, name = ""] = match;
    if (literal === "!") {
      // `${!Name}` is `${Name}`: the mark goes.
      addLiteral(match.index + 2);
      at++;
      continue;
    }
    const value = given.get(name) ?? findDefault(within, name);
    if (value === undefined) isOpen = true;
    else {
      addLiteral(match.index);
      pieces.push([value].flat());
      at = match.index + all.length;
    }
  }
  addLiteral(text.text.length);
  return combine(pieces, text).map((piece) => ({
    ...piece,
    isConstant: piece.isConstant && !piece.text.text.includes("{{resolve:"),
  }));
}

function evaluateJoin(within: Evaluation, node: Node, { argument }: TemplateCall): Piece[] {
  const { template } = within;
  const [delimiterNode, list] = template.yaml.itemsOf(argument);
  const delimiter = template.yaml.textOf(delimiterNode)?.text ?? "";
  if (list === undefined || findCall(list) !== undefined) return [unknownPiece(within, node, "Fn::Join")];
  const between = placedText(delimiter, template.rangeOf(node));
  const pieces = template.yaml.itemsOf(list).flatMap((item, index) => {
    const values = evaluate(within, item);
    const value = values.length === 0 ? [unknownPiece(within, item, "Fn::Join")] : values;
    return index === 0 || delimiter === "" ? [value] : [[constantOf(between)], value];
  });
  return combine(pieces, placedText("", template.rangeOf(node)));
}

/** Every value of a level of which the stack's Region, account or parameter decides the key. */
function evaluateMapping(within: Evaluation, node: Node, { argument }: TemplateCall): Piece[] {
  const { template } = within;
  const [nameNode, ...keys] = template.yaml.itemsOf(argument);
  const name = nameNode && evaluate(within, nameNode)[0];
  let nodes = [name?.isConstant ? template.findMapping(name.text.text) : undefined];
  for (const keyNode of keys.slice(0, 2)) {
    const key = findCall(keyNode) === undefined ? template.yaml.textOf(keyNode)?.text : undefined;
    nodes = nodes.flatMap((level) =>
      template.yaml
        .entriesOf(level)
        .filter((entry) => key === undefined || entry.key === key)
        .map(({ value }) => value),
    );
  }
  const values = nodes.slice(0, mostChoices).flatMap((value) => (value ? evaluate(within, value) : []));
  return values.length === 0 ? [unknownPiece(within, node, "Fn::FindInMap")] : distinct(values);
}

function evaluateSelect(within: Evaluation, node: Node, { argument }: TemplateCall): Piece[] {
  const { template } = within;
  const [indexNode, list] = template.yaml.itemsOf(argument);
  const index = Number(template.yaml.textOf(indexNode)?.text ?? Number.NaN);
  const isPlain = list !== undefined && findCall(list) === undefined;
  const item = isPlain ? template.yaml.itemsOf(list)[index] : undefined;
  return item === undefined ? [unknownPiece(within, node, "Fn::Select")] : evaluate(within, item);
}

function distinct(values: readonly Piece[]): Piece[] {
  return [...new Map(values.map((value) => [value.text.text, value])).values()];
}

/** Every way to choose one value for each piece, joined. */
function combine(pieces: readonly Piece[][], empty: MappedText): Piece[] {
  const ways = pieces.reduce<Piece[][]>(
    (before, choices) => before.flatMap((way) => choices.map((choice) => [...way, choice])).slice(0, mostChoices),
    [[]],
  );
  return ways.map((way) => ({
    text: joinFilled(
      way.map(({ text }) => text),
      empty,
    ),
    isConstant: way.every(({ isConstant }) => isConstant),
    parameters: [...new Set(way.flatMap(({ parameters }) => parameters))],
  }));
}

function joinFilled(texts: readonly MappedText[], empty: MappedText): MappedText {
  const filled = texts.filter(({ text }) => text !== "");
  const [first = empty] = filled;
  return filled.length <= 1 ? first : joinTexts(filled);
}

/** Text that is not written in the file: what a function gives, which stands at `place`. */
function placedText(text: string, place: TextRange): MappedText {
  return { text, findRange: () => undefined, nearestRange: () => place };
}
