import type { TextRange } from "../../source-file.ts";
import { parseVariables, type TextPart } from "../variables/parse-variables.ts";
import { type FindVariable, findEditPlace, resolveVariables, type Variable } from "../variables/resolve-variables.ts";
import type { Instruction } from "./instructions.ts";
import { findQuotedWords } from "./words.ts";

/** `--build-arg`: what a build says of its own. */
export type BuildArguments = Readonly<Record<string, string>>;

/** The `ARG`s before the first `FROM`, or those of a stage. Edit places are those of the file. */
export type ArgumentScope = Map<string, Variable>;

interface Declaration {
  name: string;
  /** Places in the line's text. */
  value: TextPart[] | undefined;
}

/** What the declarations of a Dockerfile are read with. */
export interface DeclarationContext {
  escapeCharacter: string;
  given: BuildArguments;
  /** Given too, with values that are not constant. */
  unknown: ReadonlySet<string>;
  /** From a place in the Dockerfile to one in the file that holds it. */
  findRange(range: TextRange): TextRange | undefined;
}

/** Takes up what an `ARG` declares. A stage's `ARG` without default takes that of the head. */
export function declareArguments(
  scope: ArgumentScope,
  instruction: Instruction,
  context: DeclarationContext,
  head: ArgumentScope = scope,
): void {
  for (const { name, value } of parseDeclarations(instruction, context.escapeCharacter)) {
    const fixed = Object.hasOwn(context.given, name) ? context.given[name] : undefined;
    if (fixed !== undefined || context.unknown.has(name)) scope.set(name, { value: fixed, dependsOn: [name] });
    else if (value !== undefined)
      scope.set(
        name,
        declare(name, value, scope, (place) => context.findRange(instruction.line.rangeOf(place))),
      );
    else scope.set(name, head.get(name) ?? { value: undefined, dependsOn: [name] });
  }
}

function declare(
  name: string,
  value: TextPart[],
  scope: ArgumentScope,
  findRange: DeclarationContext["findRange"],
): Variable {
  const find: FindVariable = (other) => scope.get(other);
  const { text, dependsOn } = resolveVariables(value, find);
  const edit = findEditPlace(value, find, findRange);
  return { value: text, dependsOn: [...new Set([name, ...dependsOn])], ...(edit && { edit }) };
}

function parseDeclarations({ line, argumentsAt }: Instruction, escapeCharacter: string): Declaration[] {
  const declarations: Declaration[] = [];
  for (const { start, end } of findQuotedWords(line.text, argumentsAt, escapeCharacter) ?? []) {
    const name = /^[A-Za-z_]\w*/.exec(line.text.slice(start, Math.min(end, start + 256)))?.[0] ?? "";
    const isEqual = line.text[start + name.length] === "=" && start + name.length < end;
    if (name === "" || (!isEqual && start + name.length < end)) continue;
    const range = { start: start + name.length + 1, end };
    declarations.push({
      name,
      value: isEqual ? parseVariables(line.text, { escapeCharacter, hasQuotes: true }, range) : undefined,
    });
  }
  return declarations;
}
