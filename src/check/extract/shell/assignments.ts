import type { Assignment, Command } from "unbash";
import type { MappedText } from "../../mapped-text.ts";
import { evaluateOne, evaluateWord } from "./evaluate-word.ts";
import { type ShellScope, unknownVariable } from "./shell-scope.ts";
import type { ShellContent } from "./shell-value.ts";

const declarations = new Set(["export", "declare", "local", "readonly", "typeset"]);

export function isDeclaration(name: string): boolean {
  return declarations.has(name);
}

/** `export A=b C`: a name without a value keeps what it has. */
export function declare({ suffix }: Command, source: MappedText, scope: ShellScope): void {
  for (const part of suffix) if (part.type === "Assignment") assign(part, source, scope);
}

export function assign({ name, value, append, index }: Assignment, source: MappedText, scope: ShellScope): void {
  const before = scope.variables.get(name);
  if (index !== undefined) {
    scope.variables.set(name, unknownVariable(name));
  } else if (value.type === "ArrayValue") {
    const added = value.elements.flatMap((word) => evaluateWord(word, source, scope));
    const elements = append === true ? [...(before?.elements ?? []), ...added] : added;
    const [first] = elements;
    scope.variables.set(name, { ...(first ?? unknownVariable(name)), isMixed: false, elements });
  } else {
    const content: ShellContent = evaluateOne(value, source, scope);
    if (append === true) for (const variable of content.through) variable.isMixed = true;
    const { origin, command, pieces, defaults, through } = content;
    const isKnown = append !== true || before !== undefined;
    const all =
      append === true ? [...(before?.pieces ?? [{ text: `$${name}`, isConstant: false }]), ...pieces] : pieces;
    scope.variables.set(name, {
      pieces: isKnown ? all : [{ text: `$${name}`, isConstant: false }, ...pieces],
      ...(origin !== undefined && append !== true && { origin }),
      ...(command !== undefined && append !== true && { command }),
      defaults,
      through,
      isMixed: false,
    });
  }
}

/** `read X`, `mapfile -t IMAGES`: set by what is not constant. */
export function forget(names: readonly string[], scope: ShellScope): void {
  for (const name of names) if (/^[A-Za-z_]\w*$/.test(name)) scope.variables.set(name, unknownVariable(name));
}
