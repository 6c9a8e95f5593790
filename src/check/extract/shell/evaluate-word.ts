import type { ParameterExpansionPart, Word, WordPart } from "unbash";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import { applyOperation } from "./parameter-operation.ts";
import type { ShellScope } from "./shell-scope.ts";
import { type ShellContent, type ShellValue, splitAtBlanks, textOf, type ValuePiece } from "./shell-value.ts";

/** What a word comes to: several arguments where it is a list, none where it is empty. */
export function evaluateWord(word: Word, source: MappedText, scope: ShellScope): ShellValue[] {
  const list = findList(word, scope);
  if (list !== undefined) return [...list];
  const value = evaluateOne(word, source, scope);
  return splitAtBlanks(value);
}

/** As in an assignment, where nothing is split. */
export function evaluateOne(word: Word, source: MappedText, scope: ShellScope): ShellValue {
  const inner = innerRange(word);
  const place = pieceOf(source, inner);
  const isQuoted = inner.start !== word.pos;
  if (word.parts === undefined) {
    const isLiteral = word.value === place.text;
    return {
      pieces: [{ text: word.value, isConstant: true }],
      ...(isLiteral && { origin: place }),
      ...nothingElse,
      place,
      isQuoted,
    };
  }
  const [only] = word.parts;
  if (word.parts.length === 1 && only !== undefined && !isQuoted)
    return { ...evaluatePart(only, place, source, scope), place, isQuoted };
  const parts = isQuoted && only !== undefined && "parts" in only ? (only.parts ?? []) : word.parts;
  const [single] = parts;
  if (isQuoted && parts.length === 1 && single !== undefined) {
    return { ...evaluatePart(single, place, source, scope), place, isQuoted };
  }
  return { ...evaluateParts(parts, source, scope), place, isQuoted };
}

const nothingElse = { defaults: [], through: [] } as const;

/** Without the quotes that stand around the whole. */
function innerRange({ parts, pos, end }: Word): { start: number; end: number } {
  const [only] = parts ?? [];
  if (parts?.length !== 1 || only === undefined) return { start: pos, end };
  if (only.type === "SingleQuoted" || only.type === "DoubleQuoted")
    return { start: pos + 1, end: Math.max(pos + 1, end - 1) };
  return { start: pos, end };
}

export function evaluateParts(parts: readonly WordPart[], source: MappedText, scope: ShellScope): ShellContent {
  const contents = parts.map((part) =>
    evaluatePart(part, pieceOf(source, { start: part.pos, end: part.end }), source, scope),
  );
  const [first] = contents;
  if (contents.length === 1 && first !== undefined) return first;
  // `BASE=$IMAGE` hands the whole image on: what stands before does not change its meaning.
  const isHandedOn =
    contents.length === 2 && first !== undefined && /^(?:--?[\w-]+=)?(?:[A-Za-z_]\w*=)?$/.test(textOf(first));
  if (!isHandedOn) for (const { through } of contents) scope.mix(through);
  return {
    pieces: contents.flatMap(({ pieces }) => pieces),
    defaults: contents.flatMap(({ defaults }) => defaults),
    through: [],
  };
}

function evaluatePart(part: WordPart, place: MappedText, source: MappedText, scope: ShellScope): ShellContent {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted": {
      const isWritten = place.text === part.value;
      const inner =
        part.type === "SingleQuoted" && !isWritten ? pieceOf(place, { start: 1, end: place.text.length - 1 }) : place;
      return {
        pieces: [{ text: part.value, isConstant: true }],
        ...(inner.text === part.value && { origin: inner }),
        ...nothingElse,
      };
    }
    case "AnsiCQuoted":
      return { pieces: [{ text: part.value, isConstant: true }], ...nothingElse };
    case "DoubleQuoted":
    case "LocaleString":
      return evaluateParts(part.parts, source, scope);
    case "SimpleExpansion":
      return expandName(part.text.slice(1), part.text, scope);
    case "ParameterExpansion":
      return expandParameter(part, source, scope);
    case "CommandExpansion":
      return { ...unknownContent("$(…)"), command: part.text.replace(/^(?:\$\(|`)\s*|\s*[)`]$/g, "") };
    default:
      return unknownContent(part.text);
  }
}

function unknownContent(text: string): ShellContent {
  return { pieces: [{ text, isConstant: false }], ...nothingElse };
}

function expandName(name: string, written: string, scope: ShellScope): ShellContent {
  const content = findContent(name, scope);
  if (content === undefined) return unknownContent(written);
  const isNothingConstant = content.pieces.every(({ isConstant }) => !isConstant);
  if (isNothingConstant) return { ...content, pieces: [{ text: written, isConstant: false }] };
  return content;
}

function findContent(name: string, scope: ShellScope): ShellContent | undefined {
  if (/^[1-9]\d*$/.test(name))
    return scope.positional?.[Number(name) - 1] ?? (scope.positional && { pieces: [], ...nothingElse });
  const variable = scope.variables.get(name);
  if (variable === undefined) return undefined;
  return variable.origin === undefined ? variable : { ...variable, through: [...variable.through, variable] };
}

function expandParameter(part: ParameterExpansionPart, source: MappedText, scope: ShellScope): ShellContent {
  const { parameter, operation, prefix, index } = part;
  // What is no name is another language's: `${{ github.sha }}`.
  const plainName = /^\w+$/.test(parameter) ? `\${${parameter}}` : part.text;
  const unknown = unknownContent(plainName);
  if (prefix !== undefined || operation?.type === "Unknown") return unknown;
  if (index !== undefined) return elementAt(parameter, index.value, scope) ?? unknown;
  const content = findContent(parameter, scope);
  const written = operation === undefined ? part.text : plainName;
  const plain = content === undefined ? unknownContent(written) : expandName(parameter, written, scope);
  if (operation === undefined) return plain;
  const operand = (word: Word) => evaluateOne(word, source, scope);
  if (operation.type !== "Default") scope.mix(plain.through);
  const result = applyOperation(operation, {
    name: parameter,
    content: content === undefined ? undefined : plain,
    operand,
  });
  if (result === undefined) return { ...plain, pieces: unknownPieces(plain, written), through: [] };
  if (operation.type === "Default" && operation.operator.includes("=") && content === undefined) {
    scope.variables.set(parameter, { ...result, isMixed: false });
  }
  return result;
}

function unknownPieces(content: ShellContent, written: string): readonly ValuePiece[] {
  return content.pieces.every(({ isConstant }) => !isConstant)
    ? content.pieces
    : [{ text: written, isConstant: false }];
}

function elementAt(name: string, index: string, scope: ShellScope): ShellContent | undefined {
  const elements = scope.variables.get(name)?.elements;
  return /^\d+$/.test(index) ? elements?.[Number(index)] : undefined;
}

/** `"$@"` and `"${IMAGES[@]}"`, where their elements are known. */
function findList({ parts }: Word, scope: ShellScope): readonly ShellValue[] | undefined {
  let [part] = parts ?? [];
  if (parts?.length !== 1) return undefined;
  if (part?.type === "DoubleQuoted") {
    if (part.parts.length !== 1) return undefined;
    [part] = part.parts;
  }
  if (part?.type === "SimpleExpansion" && (part.text === "$@" || part.text === "$*")) return scope.positional;
  if (part?.type !== "ParameterExpansion" || part.operation !== undefined) return undefined;
  if (part.parameter === "@" || part.parameter === "*") return scope.positional;
  const isAll = part.index?.value === "@" || part.index?.value === "*";
  return isAll && part.prefix === undefined ? scope.variables.get(part.parameter)?.elements : undefined;
}
