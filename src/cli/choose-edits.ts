import { createInterface, type Interface } from "node:readline";
import type { ReadRepository } from "../check/read-repository.ts";
import { applyRemedy } from "../check/remedies/apply-remedy.ts";
import { groupEdits } from "../check/remedies/edit-groups.ts";
import { type EditGroup, gatherEdits, type Remedy } from "../check/remedies/remedy.ts";
import { applyEdits } from "../check/text-edit.ts";
import { patchOf, printPatch } from "./print-patch.ts";
import { Interruption } from "./report-error.ts";
import { openTerminal, type ProcessView, type Terminal } from "./terminal.ts";

const help = `y - make this change
n - do not make it
a - make this change and all that follow
q - make neither this change nor those that follow; what was accepted is made
? - show this help
Ctrl-C - make no change at all, accepted or not`;

/**
 * Asks a person about each change of the remedy, as `git add -p` does, and returns what was accepted of it. Nothing is written
 * before the last answer. Throws Interruption at Ctrl-C.
 */
export async function chooseEdits(repository: ReadRepository, remedy: Remedy, process: ProcessView): Promise<Remedy> {
  // What would be left in the end is not asked about.
  const { edited, left } = applyRemedy(repository, remedy);
  const sound = new Set(edited.map(({ file }) => file));
  const groups = groupEdits(remedy).filter((group) => group.every(({ file }) => sound.has(file)));
  if (groups.length === 0) return { edits: [], left };
  const terminal = openTerminal(process, process.stdout);
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: true, historySize: 0 });
  try {
    const accepted = await askEach(groups, lines, terminal);
    return { edits: gatherEdits(accepted.flat()), left };
  } finally {
    lines.close();
  }
}

async function askEach(groups: readonly EditGroup[], lines: Interface, terminal: Terminal): Promise<EditGroup[]> {
  const accepted: EditGroup[] = [];
  for (const [index, group] of groups.entries()) {
    printGroup(group, terminal);
    const answer = await askOnce(`(${index + 1}/${groups.length}) Make this change [y,n,a,q,?]? `, lines, terminal);
    if (answer === "y") accepted.push(group);
    if (answer === "a") return [...accepted, ...groups.slice(index)];
    if (answer === "q") {
      if (accepted.length > 0) terminal.line("what was accepted is written, the rest is left:");
      return accepted;
    }
  }
  return accepted;
}

/** Each file with this change alone. */
function printGroup(group: EditGroup, terminal: Terminal): void {
  for (const { file, edits } of gatherEdits(group))
    printPatch(terminal, patchOf(file, applyEdits(file.text, edits), 3));
}

type Answer = "y" | "n" | "a" | "q";

/** The end of the input is an answer too: there is nobody any more to ask. */
async function askOnce(question: string, lines: Interface, { line, style }: Terminal): Promise<Answer> {
  for (;;) {
    const text = await readAnswer(style(["bold", "blue"], question), lines);
    const answer = text === undefined ? "q" : text.trim().toLowerCase().charAt(0);
    if (answer === "y" || answer === "n" || answer === "a" || answer === "q") return answer;
    for (const row of help.split("\n")) line(style("yellow", row));
  }
}

function readAnswer(question: string, lines: Interface): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const onEnd = () => resolve(undefined);
    const onInterrupt = () => reject(new Interruption("\ninterrupted; nothing was changed"));
    lines.once("close", onEnd).once("SIGINT", onInterrupt);
    lines.question(question, (text) => {
      lines.off("close", onEnd).off("SIGINT", onInterrupt);
      resolve(text);
    });
  });
}
