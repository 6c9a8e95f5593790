import type { Assignment, Command } from "unbash";
import type { MappedText } from "../../mapped-text.ts";
import { evaluateOne, evaluateWord } from "./evaluate-word.ts";
import { type ShellScope, unknownVariable } from "./shell-scope.ts";
import type { ShellContent, ShellVariable } from "./shell-value.ts";

const declarations = new Set(["export", "declare", "local", "readonly", "typeset"]);

export function isDeclaration(name: string): boolean {
  return declarations.has(name);
}

/** `export A=b C`: a name without a value keeps what it has. */
export function declare({ suffix }: Command, source: MappedText, scope: ShellScope): void {
  for (const part of suffix) if (part.type === "Assignment") assign(part, source, scope);
}

export function assign(assignment: Assignment, source: MappedText, scope: ShellScope): void {
  const { name, value, append, index } = assignment;
  const before = scope.variables.get(name);
  if (index !== undefined) {
    scope.variables.set(name, unknownVariable(name));
  } else if (value.type === "ArrayValue") {
    const added = value.elements.flatMap((word) => evaluateWord(word, source, scope));
    const elements = append === true ? [...(before?.elements ?? []), ...added] : added;
    scope.variables.set(name, { ...(elements[0] ?? unknownVariable(name)), isMixed: false, elements });
  } else {
    const content: ShellContent = evaluateOne(value, source, scope);
    scope.variables.set(
      name,
      append === true ? appended(before ?? unknownVariable(name), content) : variableOf(content),
    );
  }
}

function variableOf({ origin, command, pieces, defaults, through }: ShellContent): ShellVariable {
  return {
    pieces,
    ...(origin && { origin }),
    ...(command !== undefined && { command }),
    defaults,
    through,
    isMixed: false,
  };
}

/** `X+=y`. */
function appended(before: ShellVariable, added: ShellContent): ShellVariable {
  for (const variable of added.through) variable.isMixed = true;
  const defaults = [...before.defaults, ...added.defaults];
  return { pieces: [...before.pieces, ...added.pieces], defaults, through: [], isMixed: false };
}

/** `read X`, `mapfile -t IMAGES`: set by what is not constant. */
export function forget(names: readonly string[], scope: ShellScope): void {
  for (const name of names) if (/^[A-Za-z_]\w*$/.test(name)) scope.variables.set(name, unknownVariable(name));
}
