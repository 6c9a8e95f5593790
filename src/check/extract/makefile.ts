import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { jobsOfRecipes, type Recipe } from "./script-job.ts";
import { assignmentOf, replaceReferences } from "./script-references.ts";
import { holdsCandidate } from "./shell/candidates.ts";
import { openShellSession, readShell } from "./shell/read-shell.ts";
import type { ShellContext } from "./shell/shell-scope.ts";
import { StepSink } from "./shell/step-sink.ts";

/** Recipes of make, each line a shell of its own. https://www.gnu.org/software/make/manual/html_node/Execution.html */
export const makefileReader: FileReader = {
  kind: "Makefile",
  isFor: ({ path }: SourceFile) => /(?:^|\/)(?:GNUm|[Mm])akefile(?:\.[\w-]+)?$|\.(?:mk|mak)$/.test(path),
  read: ({ path, text }: SourceFile): Extraction => {
    if (!holdsCandidate(text)) return emptyExtraction;
    const source = wholeText(text);
    const lines = logicalLines(source);
    const context = readVariables(lines);
    return jobsOfRecipes(path, readRules(lines, context, text));
  },
};

/** With the lines that a backslash continues. */
function logicalLines(source: MappedText): MappedText[] {
  const lines: MappedText[] = [];
  let start = 0;
  for (const { index } of source.text.matchAll(/\n|$/g)) {
    const isContinued = /(?<!\\)\\\r?$/.test(source.text.slice(Math.max(start, index - 3), index));
    if (isContinued && index < source.text.length) continue;
    lines.push(pieceOf(source, { start, end: index }));
    start = index + 1;
  }
  return lines;
}

const assignment = /^(?:export\s+|override\s+)*([A-Za-z_][\w.-]*)\s*(\?|:{1,3}|\+)?=[ \t]*/;

/** Later assignments win, as they do for recipes; those of a condition's both branches count in their order. */
function readVariables(lines: readonly MappedText[]): ShellContext {
  let context: ShellContext = { variables: new Map() };
  for (const line of lines) {
    const [head, name, operator] = assignment.exec(line.text) ?? [];
    if (head === undefined || name === undefined || /[^\w]/.test(name)) continue;
    const end = line.text.search(/\s*(?:#.*)?$/);
    const value = shellText(pieceOf(line, { start: head.length, end: Math.max(head.length, end) }));
    const assigned = operator === "+" ? undefined : assignmentOf(name, value, operator === "?");
    if (assigned !== undefined) context = readShell(assigned, context).after;
  }
  return context;
}

/** `$(NAME)` is `${NAME}`, `$$` is `$`, `$(shell …)` is `$(…)`; other functions are taken for commands that nobody knows. */
function shellText(source: MappedText): MappedText {
  return replaceReferences(source, /\$\$|\$\(([A-Za-z_]\w*)\)|\$\(shell\s/g, ([whole, name]) => {
    if (whole === "$$") return "$";
    return name === undefined ? "$(" : `\${${name}}`;
  });
}

function readRules(lines: readonly MappedText[], context: ShellContext, file: string): Recipe[] {
  const recipes: Recipe[] = [];
  let current: Recipe | undefined;
  for (const line of lines) {
    if (line.text.startsWith("\t")) {
      if (current !== undefined) readLine(line, context, current.sink);
      continue;
    }
    if (/^\s*(?:#.*)?$/.test(line.text) || assignment.test(line.text)) continue;
    const [, targets, needs, inline] = /^([^\s:#=][^:#=]*?)\s*::?(?!=)([^=;#]*)(;.*)?/.exec(line.text) ?? [];
    if (targets === undefined || targets.startsWith(".") || /^(?:if|else|end|define|include|-include)/.test(targets))
      continue;
    const range = line.nearestRange({ start: 0, end: targets.length });
    current = { name: targets, range, needs: (needs ?? "").split(/\s+/).filter(Boolean), sink: new StepSink(file) };
    recipes.push(current);
    if (inline !== undefined)
      readLine(pieceOf(line, { start: line.text.indexOf(";"), end: line.text.length }), context, current.sink);
  }
  return recipes;
}

/** `@` hides the line, `-` passes over its failure, `+` runs it always. */
function readLine(line: MappedText, context: ShellContext, sink: StepSink): void {
  const prefix = /^[\t ;]*[@+-]*\s*/.exec(line.text)?.[0] ?? "";
  const command = pieceOf(line, { start: prefix.length, end: line.text.length });
  openShellSession(context, sink).read(shellText(command), { mayFail: prefix.includes("-") });
}
