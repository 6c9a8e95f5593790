import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { jobsOfRecipes, type Recipe } from "./script-job.ts";
import { assignmentOf, replaceReferences } from "./script-references.ts";
import { holdsCandidate } from "./shell/candidates.ts";
import { joinTexts } from "./shell/join-texts.ts";
import { openShellSession, readShell } from "./shell/read-shell.ts";
import type { ShellContext } from "./shell/shell-scope.ts";
import { StepSink } from "./shell/step-sink.ts";

/** Recipes of just: https://just.systems/man/en/ */
export const justfileReader: FileReader = {
  kind: "justfile",
  isFor: ({ path }: SourceFile) => /(?:^|\/)\.?justfile$|\.just$/i.test(path),
  read: ({ path, text }: SourceFile): Extraction => {
    if (!holdsCandidate(text)) return emptyExtraction;
    const lines = linesOf(wholeText(text));
    return jobsOfRecipes(path, readRecipes(lines, readVariables(lines), text));
  },
};

/** Each with its line end. */
function linesOf(source: MappedText): MappedText[] {
  return [...source.text.matchAll(/[^\n]*(?:\n|$)/g)].map(({ index, 0: line }) =>
    pieceOf(source, { start: index, end: index + line.length }),
  );
}

function readVariables(lines: readonly MappedText[]): ShellContext {
  let context: ShellContext = { variables: new Map() };
  for (const line of lines) {
    const found = /^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(env(?:_var_or_default)?\([^,]*,\s*)?(["'])(.*?)\3/.exec(
      line.text,
    );
    const [head = "", name = "", environment, , text = ""] = found ?? [];
    if (found === null) continue;
    const end = head.length - 1;
    const value = pieceOf(line, { start: end - text.length, end });
    const assigned = assignmentOf(variableName(name), value, environment !== undefined);
    if (assigned !== undefined) context = readShell(assigned, context).after;
  }
  return context;
}

/** just allows dashes in names, the shell does not. */
function variableName(name: string): string {
  return name.replaceAll("-", "_");
}

function readRecipes(lines: readonly MappedText[], context: ShellContext, file: string): Recipe[] {
  const recipes: Recipe[] = [];
  let body: MappedText[] = [];
  const finish = () => {
    const last = recipes.at(-1);
    if (last !== undefined) readBody(body, context, last.sink);
    body = [];
  };
  for (const line of lines) {
    if (/^[ \t]/.test(line.text) || (line.text.trim() === "" && body.length > 0)) {
      body.push(line);
      continue;
    }
    const [, name, needs] = /^@?([A-Za-z_][\w-]*)(?:[^:=]|=(?!=))*:(?!=)(.*)/.exec(line.text) ?? [];
    if (name === undefined) continue;
    finish();
    const range = line.nearestRange({ start: 0, end: name.length });
    recipes.push({ name, range, needs: needs?.match(/[A-Za-z_][\w-]*/g) ?? [], sink: new StepSink(file) });
  }
  finish();
  return recipes;
}

/** Each line is a shell of its own, unless the body begins with `#!`. */
function readBody(lines: readonly MappedText[], context: ShellContext, sink: StepSink): void {
  const isScript = lines[0]?.text.trim().startsWith("#!") === true;
  const scripts = isScript ? [joinTexts(lines)] : joinContinued(lines);
  for (const script of scripts) {
    const prefix = isScript ? "" : (/^[ \t]*[@-]*/.exec(script.text)?.[0] ?? "");
    const command = pieceOf(script, { start: prefix.length, end: script.text.length });
    const shell = replaceReferences(command, /\{\{\s*(.*?)\s*\}\}/g, ([, expression = ""]) =>
      /^[A-Za-z_][\w-]*$/.test(expression) ? `\${${variableName(expression)}}` : "$_",
    );
    openShellSession(context, sink).read(shell, { mayFail: prefix.includes("-") });
  }
}

function joinContinued(lines: readonly MappedText[]): MappedText[] {
  const joined: MappedText[][] = [];
  for (const [index, line] of lines.entries()) {
    const isContinuation = /\\\r?\n$/.test(lines[index - 1]?.text ?? "");
    if (isContinuation) joined.at(-1)?.push(line);
    else joined.push([line]);
  }
  return joined.map(joinTexts);
}
