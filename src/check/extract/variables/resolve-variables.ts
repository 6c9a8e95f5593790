import type { ImageEdit, ImageUse } from "../../image-use.ts";
import type { TextRange } from "../../source-file.ts";
import { findRegistryHint, openPart } from "../registry-hint.ts";
import type { LiteralPart, TextPart, VariablePart } from "./parse-variables.ts";

/** What a variable comes to as far as the file says; `value` is undefined where something outside decides. */
export interface Variable {
  value: string | undefined;
  /** The names that the value depends on, its own too where a caller may set it. */
  dependsOn: readonly string[];
  /** The one place that holds the value. */
  edit?: ImageEdit;
}

export type FindVariable = (name: string) => Variable | undefined;

export interface ResolvedText {
  text: string | undefined;
  dependsOn: readonly string[];
}

/** A value that grows by being put into itself is left undefined beyond this. */
const longestText = 4096;

/** Puts the variables in. A variable that nobody declares is taken for one that something outside decides. */
export function resolveVariables(parts: readonly TextPart[], find: FindVariable): ResolvedText {
  const dependsOn = new Set<string>();
  const text = resolveParts(parts, find, dependsOn);
  return { text, dependsOn: [...dependsOn] };
}

/** What the parts of a name say of its image. `findRange` leads a part's place to the file. */
export function describeName(
  parts: readonly TextPart[],
  find: FindVariable,
  findRange: (range: TextRange) => TextRange | undefined,
): Pick<ImageUse, "reference" | "registryHint" | "variables" | "edit"> {
  const { text, dependsOn } = resolveVariables(parts, find);
  const registryHint = text === undefined ? findRegistryHint(markOpenParts(parts, find)) : undefined;
  const edit = findEditPlace(parts, find, findRange);
  return {
    ...(text !== undefined && { reference: text }),
    ...(registryHint !== undefined && { registryHint }),
    ...(dependsOn.length > 0 && { variables: dependsOn }),
    ...(edit && { edit }),
  };
}

/** As much of a name as shows its registry. */
function markOpenParts(parts: readonly TextPart[], find: FindVariable): string {
  let name = "";
  for (const part of parts) {
    name += part.kind === "literal" ? part.text : (resolveVariable(part, find, new Set()) ?? openPart);
    if (name.includes("/") || name.length > longestText) break;
  }
  return name;
}

function resolveParts(parts: readonly TextPart[], find: FindVariable, dependsOn: Set<string>): string | undefined {
  let text: string | undefined = "";
  for (const part of parts) {
    const piece = part.kind === "literal" ? part.text : resolveVariable(part, find, dependsOn);
    text = text === undefined || piece === undefined ? undefined : text + piece;
  }
  return text !== undefined && text.length > longestText ? undefined : text;
}

function resolveVariable(part: VariablePart, find: FindVariable, dependsOn: Set<string>): string | undefined {
  const variable = find(part.name);
  for (const name of variable?.dependsOn ?? []) dependsOn.add(name);
  const value = variable?.value;
  const { operator = "", word = [] } = part;
  const isSet = value !== undefined && !(operator.startsWith(":") && value === "");
  const wordText = () => resolveParts(word, find, dependsOn);
  if (operator.endsWith("-")) return isSet ? value : wordText();
  if (operator.endsWith("+")) return isSet ? wordText() : "";
  if (operator === "" || operator.endsWith("?") || value === undefined) return value;
  const pattern = wordText();
  const replacement = resolveParts(part.replacement ?? [], find, dependsOn);
  return pattern === undefined || replacement === undefined
    ? undefined
    : cutByPattern(value, operator, pattern, replacement);
}

/** `${X#pattern}` and its like. Undefined where value and pattern are so long that trying all ways takes long. */
function cutByPattern(value: string, operator: string, pattern: string, replacement: string): string | undefined {
  if (pattern.split("*").length > 3 || value.length + pattern.length > 512) return undefined;
  const isShort = operator === "#" || operator === "%";
  const source = pattern.replace(/[.+^${}()|[\]\\*?]/g, (character) => {
    if (character === "*") return isShort ? "[^]*?" : "[^]*";
    return character === "?" ? "[^]" : `\\${character}`;
  });
  if (operator.startsWith("#")) return value.replace(new RegExp(`^(?:${source})`), "");
  if (operator.startsWith("/")) {
    return value.replace(new RegExp(source, operator === "//" ? "g" : ""), () => replacement);
  }
  const whole = new RegExp(`^(?:${source})$`);
  const starts = Array.from({ length: value.length + 1 }, (_, index) => (isShort ? value.length - index : index));
  const start = starts.find((at) => whole.test(value.slice(at)));
  return start === undefined ? value : value.slice(0, start);
}

/**
 * The one place to change so that the text names another image: the text itself, the default of the one variable that it
 * consists of, or the repository before a tag that is put together. `findRange` leads a part's place to the file.
 */
export function findEditPlace(
  parts: readonly TextPart[],
  find: FindVariable,
  findRange: (range: TextRange) => TextRange | undefined,
): ImageEdit | undefined {
  const [first, ...others] = parts;
  if (first?.kind === "literal") return findLiteralPlace(first, others, findRange);
  if (first === undefined) return undefined;
  const { operator = "", word = [] } = first;
  const variable = find(first.name);
  if (others.length > 0) return operator === "" ? asRepository(variable?.edit, others) : undefined;
  const isSet = operator.startsWith(":") ? Boolean(variable?.value) : variable?.value !== undefined;
  if (operator === "" || (operator.endsWith("-") && isSet)) return variable?.edit;
  return operator.endsWith("-") ? findEditPlace(word, find, findRange) : undefined;
}

function findLiteralPlace(
  { text, start, end }: LiteralPart,
  others: readonly TextPart[],
  findRange: (range: TextRange) => TextRange | undefined,
): ImageEdit | undefined {
  // What is escaped is not written as it is meant.
  const length = others.length === 0 ? text.length : repositoryLength(text, others);
  const range = length === 0 || text.length !== end - start ? undefined : findRange({ start, end: start + length });
  return range && { range, holds: others.length === 0 ? "reference" : "repository", text: text.slice(0, length) };
}

/**
 * An image of a Dockerfile that stands within another file, whose own variables `written` may hold: it depends on those
 * too, and may be changed in the one that it consists of.
 */
export function withOuterVariables(image: ImageUse, written: readonly TextPart[], find: FindVariable): ImageUse {
  const { text, dependsOn } = resolveVariables(written, find);
  const edit = text === image.reference ? findEditPlace(written, find, () => undefined) : undefined;
  const variables = [...new Set([...(image.variables ?? []), ...dependsOn])];
  return { ...(edit && { edit }), ...image, ...(variables.length > 0 && { variables }) };
}

/** The variable of `${IMAGE}:${TAG}`. */
function asRepository(edit: ImageEdit | undefined, [next, ...others]: readonly TextPart[]): ImageEdit | undefined {
  const isTagged = next?.kind === "literal" && /^[:@]/.test(next.text) && isWithoutSlash([next, ...others]);
  const isUntagged = edit?.holds === "reference" && !/[@{]|:[^/]*$/.test(edit.text);
  return isTagged && isUntagged ? { ...edit, holds: "repository" } : undefined;
}

function isWithoutSlash(parts: readonly TextPart[]): boolean {
  return parts.every((part) => part.kind === "variable" || !part.text.includes("/"));
}

/** `python` of `python:${VERSION}-slim`. A colon with a slash after it belongs to a port. */
function repositoryLength(text: string, others: readonly TextPart[]): number {
  if (!isWithoutSlash(others) || text.length > longestText) return 0;
  return /^[^@]*?(?=@|:[^/]*$)/.exec(text)?.[0].length ?? 0;
}
