import type { ParameterOperation, Word } from "unbash";
import { constantOf, type ShellContent, type ShellValue, textOf } from "./shell-value.ts";

interface Parameter {
  name: string;
  /** Undefined where the script has not set it. */
  content: ShellContent | undefined;
  operand(word: Word): ShellValue;
}

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
  if (text === undefined || content === undefined) return undefined;
  const result = changeText(text, operation, (word) => textOf(operand(word)));
  return result === undefined
    ? undefined
    : { pieces: [{ text: result, isConstant: true }], defaults: content.defaults, through: [] };
}

function changeText(text: string, operation: ParameterOperation, read: (word: Word) => string): string | undefined {
  switch (operation.type) {
    case "Remove": {
      const isLongest = operation.operator.length === 2;
      const pattern = globPattern(read(operation.operand), isLongest);
      if (pattern === undefined) return undefined;
      if (operation.operator.startsWith("#")) return text.replace(new RegExp(`^${pattern}`), "");
      // The shortest end: a regular expression looks from the left, so that the longest start is taken first.
      return text.replace(new RegExp(isLongest ? `${pattern}$` : `^(.*)${pattern}$`, "s"), isLongest ? "" : "$1");
    }
    case "Replace": {
      const pattern = globPattern(read(operation.pattern), true);
      if (pattern === undefined) return undefined;
      const anchored = { "/#": `^${pattern}`, "/%": `${pattern}$` }[operation.operator as string] ?? pattern;
      const replacement = read(operation.replacement);
      return text.replace(new RegExp(anchored, operation.operator === "//" ? "g" : ""), () => replacement);
    }
    case "CaseModification":
      if (operation.operand !== undefined && operation.operand.value !== "") return undefined;
      if (operation.operator === ",,") return text.toLowerCase();
      return operation.operator === "^^" ? text.toUpperCase() : undefined;
    default:
      return undefined;
  }
}

/** `*` and `?` alone; brackets are not read, and many stars, which would make the search slow, neither. */
function globPattern(glob: string, isLongest: boolean): string | undefined {
  if (glob === "" || /[[\]\\$`]/.test(glob) || (glob.match(/\*/g)?.length ?? 0) > 3) return undefined;
  const stars = isLongest ? ".*" : ".*?";
  return glob.replace(/[*?.+^${}()|]/g, (character) => ({ "*": stars, "?": "." })[character] ?? `\\${character}`);
}
