import type { ParameterOperation, Word } from "unbash";
import { constantOf, type ShellContent, type ShellValue, textOf } from "./shell-value.ts";

interface Parameter {
  name: string;
  /** Undefined where the script has not set it. */
  content: ShellContent | undefined;
  operand(word: Word): ShellValue;
}

/** Patterns with several stars take long on long texts; no image has a longer name. */
const longestText = 1000;

/**
 * `${X:-y}`, `${X%%:*}` and their like. Undefined where the result is not constant.
 * https://www.gnu.org/software/bash/manual/html_node/Shell-Parameter-Expansion.html
 */
export function applyOperation(
  operation: ParameterOperation,
  { name, content, operand }: Parameter,
): ShellContent | undefined {
  if (operation.type === "Default") {
    const { operator } = operation;
    if (operator.endsWith("+")) return undefined;
    if (content === undefined) {
      if (operator.endsWith("?")) return undefined;
      const { place: _place, isQuoted: _isQuoted, ...taken } = operand(operation.operand);
      return { ...taken, defaults: [...taken.defaults, name] };
    }
    const isEmpty = constantOf(content) === "" && operator.startsWith(":");
    if (isEmpty && !operator.endsWith("?")) return operand(operation.operand);
    return content;
  }
  const text = content && constantOf(content);
  if (text === undefined || content === undefined || text.length > longestText) return undefined;
  const result = changeText(text, operation, (word) => textOf(operand(word)));
  return result === undefined
    ? undefined
    : { pieces: [{ text: result, isConstant: true }], defaults: content.defaults, through: [] };
}

function changeText(text: string, operation: ParameterOperation, read: (word: Word) => string): string | undefined {
  switch (operation.type) {
    case "Remove":
      return removeEnd(text, operation.operator, read(operation.operand));
    case "Replace": {
      const pattern = globPattern(read(operation.pattern), true);
      if (pattern === undefined) return undefined;
      const anchored = { "/#": `^${pattern}`, "/%": `${pattern}$` }[operation.operator as string] ?? pattern;
      const replacement = read(operation.replacement);
      return text.replace(new RegExp(anchored, operation.operator === "//" ? "g" : ""), () => replacement);
    }
    case "CaseModification":
      if (operation.operand !== undefined && operation.operand.value !== "") return undefined;
      return { ",,": text.toLowerCase(), "^^": text.toUpperCase() }[operation.operator as string];
    default:
      return undefined;
  }
}

function removeEnd(text: string, operator: "#" | "##" | "%" | "%%", glob: string): string | undefined {
  const isLongest = operator.length === 2;
  const pattern = globPattern(glob, isLongest);
  if (pattern === undefined) return undefined;
  if (operator.startsWith("#")) return text.replace(new RegExp(`^${pattern}`), "");
  // The shortest end: a regular expression looks from the left, so that the longest start is taken first.
  return isLongest
    ? text.replace(new RegExp(`${pattern}$`), "")
    : text.replace(new RegExp(`^(.*)${pattern}$`, "s"), "$1");
}

/** `*` and `?` alone; brackets are not read, and many stars, which would make the search slow, neither. */
function globPattern(glob: string, isLongest: boolean): string | undefined {
  if (glob === "" || /[[\]\\$`]/.test(glob) || (glob.match(/\*/g)?.length ?? 0) > 3) return undefined;
  const stars = isLongest ? ".*" : ".*?";
  return glob.replace(/[*?.+^${}()|]/g, (character) => ({ "*": stars, "?": "." })[character] ?? `\\${character}`);
}
