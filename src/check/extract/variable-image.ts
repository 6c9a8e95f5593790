import type { ImageEdit, ImageUse, ImageUseKind } from "../image-use.ts";
import { type MappedText, pieceOf } from "../mapped-text.ts";
import { imageUseOf } from "./image-use-of.ts";
import { findRegistryHint, openPart } from "./registry-hint.ts";

/** The variables of a format, and what the file at hand decides about them. */
export interface VariableScope {
  /** Global. Its first group that takes part holds the name: `$NAME`, `${{ matrix.name }}`, `<< parameters.name >>`. */
  pattern: RegExp;
  find(name: string): MappedText | undefined;
  /** Variables that begin a name that is never Docker Hub's: `CI_REGISTRY`. */
  isElsewhere?(name: string): boolean;
}

type Description = { kind: ImageUseKind; site: string } & Partial<Omit<ImageUse, "written" | "range">>;

/** A variable may hold variables; a chain that is longer leads to itself. */
const longestChain = 10;

/** A variable that stands several times in a value of a variable, and so on, multiplies with each step. */
const mostVariables = 200;

/** The use of an image whose name may hold variables. */
export function variableImageUse(value: MappedText, scope: VariableScope, description: Description): ImageUse {
  const variables = findVariables(value.text, scope.pattern);
  const [first] = variables;
  if (first === undefined) return imageUseOf(value, description);
  const reference = expandVariables(value.text, scope);
  const edit = findEdit(value, scope, 0);
  const registryHint = reference === undefined ? findRegistry(value.text, scope) : undefined;
  const { edit: _, reference: __, registryHint: ___, ...use } = imageUseOf(value, description);
  return {
    ...use,
    variables: [...new Set(variables.map(({ name }) => name))],
    ...(reference !== undefined && { reference }),
    ...(registryHint !== undefined && { registryHint }),
    ...(edit !== undefined && { edit }),
  };
}

/** The text with every variable put in; where one is not known undefined, or with `otherwise` in its place. */
export function expandVariables(text: string, scope: VariableScope, otherwise?: string): string | undefined {
  let puts = 0;
  const expand = (from: string, depth: number): string | undefined => {
    let expanded = "";
    let at = 0;
    for (const { start, end, name } of findVariables(from, scope.pattern)) {
      const value = depth < longestChain && puts++ < mostVariables ? scope.find(name) : undefined;
      const inner = (value && expand(value.text, depth + 1)) ?? otherwise;
      if (inner === undefined) return undefined;
      expanded += from.slice(at, start) + inner;
      at = end;
    }
    return expanded + from.slice(at);
  };
  return expand(text, 0);
}

interface Variable {
  start: number;
  end: number;
  name: string;
}

function findVariables(text: string, pattern: RegExp): Variable[] {
  return [...text.matchAll(pattern)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    name: match.slice(1).find((group) => group !== undefined) ?? "",
  }));
}

/** A variable that is the whole name is changed where it is set. */
function findEdit(value: MappedText, scope: VariableScope, depth: number): ImageEdit | undefined {
  const [first, ...others] = findVariables(value.text, scope.pattern);
  if (first === undefined) {
    const range = value.findRange({ start: 0, end: value.text.length });
    return range && { range, holds: "reference", text: value.text };
  }
  const isWhole = others.length === 0 && first.start === 0 && first.end === value.text.length;
  if (!isWhole) return findRepository(value, scope);
  const definition = depth < longestChain ? scope.find(first.name) : undefined;
  return definition && findEdit(definition, scope, depth + 1);
}

/**
 * The part of a name before its tag and digest, where that is constant: `localhost:5000/node` of
 * `localhost:5000/node:${VERSION}`. A colon with a slash after it belongs to a port.
 */
function findRepository(value: MappedText, { pattern }: VariableScope): ImageEdit | undefined {
  const marked = value.text.replace(pattern, openPart);
  const [text] = /^[\w.-]+(?::\d+(?=\/))?[^:@\s\0]*(?=@|:[^/]*$)/.exec(marked) ?? [];
  const range = text === undefined ? undefined : value.findRange({ start: 0, end: text.length });
  return text === undefined || range === undefined ? undefined : { range, holds: "repository", text };
}

function findRegistry(text: string, scope: VariableScope): string | undefined {
  const name = firstVariable(text, scope);
  if (name !== undefined && scope.isElsewhere?.(name)) return "*";
  return findRegistryHint(expandVariables(text, scope, openPart) ?? "");
}

/** A value that stands nowhere in the file. */
export function unwrittenValue(text: string): MappedText {
  return { text, findRange: () => undefined, nearestRange: () => ({ start: 0, end: 0 }) };
}

/** The name of the first variable, where the text begins with one. */
export function firstVariable(text: string, { pattern }: VariableScope): string | undefined {
  const [first] = findVariables(text, pattern);
  return first?.start === 0 ? first.name : undefined;
}

/** A value without the blanks around it. */
export function trimmed(value: MappedText): MappedText {
  const start = value.text.length - value.text.trimStart().length;
  return pieceOf(value, { start, end: start + value.text.trim().length });
}
