import type { Node } from "yaml";
import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import { type MappedText, wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { jobsOfRecipes, type Recipe } from "./script-job.ts";
import { replaceReferences } from "./script-references.ts";
import { holdsCandidate } from "./shell/candidates.ts";
import { openShellSession } from "./shell/read-shell.ts";
import type { ShellContext } from "./shell/shell-scope.ts";
import { shellVariable } from "./shell/shell-value.ts";
import { StepSink } from "./shell/step-sink.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

/** https://docs.npmjs.com/cli/using-npm/scripts */
export const packageScriptsReader: FileReader = {
  kind: "package.json",
  isFor: ({ path }: SourceFile) => /(?:^|\/)package\.json$/.test(path),
  read: ({ path, text }: SourceFile): Extraction => {
    if (!holdsCandidate(text)) return emptyExtraction;
    const { documents, notes } = readYaml(wholeText(text));
    const recipes = documents.slice(0, 1).flatMap((document) => {
      const scripts = document.entriesOf(document.find(document.root, "scripts"));
      return scripts.map(({ key, value, keyNode }): Recipe => {
        const sink = new StepSink();
        const script = document.textOf(value);
        if (script !== undefined) openShellSession({ variables: new Map() }, sink).read(script);
        return { name: key, range: document.rangeOf(keyNode), needs: [], sink };
      });
    });
    const { images, jobs, notes: own } = jobsOfRecipes(path, recipes);
    return { images, jobs, notes: [...notes, ...own] };
  },
};

/** Task: https://taskfile.dev/reference/schema */
export const taskfileReader: FileReader = {
  kind: "Taskfile",
  isFor: ({ path }: SourceFile) => /(?:^|\/)[Tt]askfile(?:\.dist)?\.ya?ml$/.test(path),
  read: ({ path, text }: SourceFile): Extraction => {
    if (!holdsCandidate(text)) return emptyExtraction;
    const { documents, notes } = readYaml(wholeText(text));
    const recipes = documents.slice(0, 1).flatMap((document) => readTasks(document, text));
    const { images, jobs, notes: own } = jobsOfRecipes(path, recipes);
    return { images, jobs, notes: [...notes, ...own] };
  },
};

function readTasks(document: YamlDocument, file: string): Recipe[] {
  const { root, find, entriesOf, itemsOf, textOf, rangeOf } = document;
  const shared = readVariables(document, [find(root, "vars"), find(root, "env")]);
  return entriesOf(find(root, "tasks")).map(({ key, value, keyNode }) => {
    const sink = new StepSink(file);
    const folder = textOf(find(value, "dir"))?.text;
    const own = readVariables(document, [find(value, "vars"), find(value, "env")]);
    const context: ShellContext = {
      variables: new Map([...shared, ...own]),
      ...(folder !== undefined && { workingDirectory: folder.includes("{{") ? undefined : folder }),
    };
    const needs = itemsOf(find(value, "deps")).flatMap(
      (need) => textOf(need)?.text ?? textOf(find(need, "task"))?.text ?? [],
    );
    for (const item of commandsOf(document, value)) {
      const command = textOf(item) ?? textOf(find(item, "cmd"));
      const task = textOf(find(item, "task"))?.text;
      if (task !== undefined) needs.push(task);
      if (command !== undefined) openShellSession(context, sink).read(shellText(command));
    }
    return { name: key, range: rangeOf(keyNode), needs, sink };
  });
}

function commandsOf({ find, itemsOf, textOf }: YamlDocument, task: Node): Node[] {
  if (textOf(task) !== undefined) return [task];
  const [list, single] = [find(task, "cmds"), find(task, "cmd")];
  if (single !== undefined) return [single];
  return list === undefined ? itemsOf(task) : textOf(list) === undefined ? itemsOf(list) : [list];
}

/** Values that are computed (`sh:`, templates) are not constant. */
function readVariables(
  { entriesOf, textOf }: YamlDocument,
  nodes: readonly (Node | undefined)[],
): ShellContext["variables"] {
  return new Map(
    nodes.flatMap(entriesOf).map(({ key, value }) => {
      const text = textOf(value);
      const isConstant = text !== undefined && !text.text.includes("{{");
      return [key, shellVariable(isConstant ? text.text : undefined, isConstant ? text : undefined)];
    }),
  );
}

function shellText(source: MappedText): MappedText {
  return replaceReferences(source, /\{\{\s*(.*?)\s*\}\}/g, ([, expression = ""]) => {
    const name = /^\.([A-Za-z_]\w*)$/.exec(expression)?.[1];
    return name === undefined ? "$_" : `\${${name}}`;
  });
}
