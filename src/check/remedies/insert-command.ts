import type { PlacedJob } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";

/**
 * A command, put into a buildspec in YAML's block style before the first pull: as the first of `pre_build`, which is made
 * where it is missing, or of `install` where that pulls. Of several lines it becomes a block of YAML. Returns why it cannot be
 * put there.
 */
export function insertCommand(
  { file, stepsFile = file, job }: PlacedJob,
  { firstPull, command }: { firstPull: number; command: string },
): TextEdit | string {
  const { text } = stepsFile;
  const inline = stepsFile === file ? job.codeBuild?.places?.inlineBuildspec : undefined;
  const region = inline ?? { start: 0, end: text.length };
  if (inline !== undefined && !/^\|[-+]?[ \t]*\r?\n/.test(text.slice(region.start))) {
    return "its inline buildspec is no plain block (`BuildSpec: |`): add the command before the first pull by hand";
  }
  const { start, end } = region;
  const phases = findPhases(text, start, end);
  const pulling = phases.findLast(({ at }) => at < firstPull);
  if (pulling === undefined)
    return "its phases are not in YAML's block style: add the command before the first pull by hand";
  const host = phases.find(({ name }) => name === (pulling.name === "install" ? "install" : "pre_build"));
  if (host !== undefined) {
    return insertFirst(text, { phase: host, end: phases.find(({ at }) => at > host.at)?.at ?? end, command });
  }
  const { indentation } = pulling;
  const newLine = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = [
    `${indentation}pre_build:`,
    `${indentation}  commands:`,
    ...formatItem(command, `${indentation}    `),
    "",
  ];
  const at = phases.find(({ name }) => name === "build" || name === "post_build")?.at ?? pulling.at;
  return { range: { start: at, end: at }, text: lines.join(newLine) };
}

interface Phase {
  name: string;
  indentation: string;
  /** The start of its line. */
  at: number;
}

function findPhases(text: string, start: number, end: number): Phase[] {
  const matches = text.slice(start, end).matchAll(/^([ ]+)(install|pre_build|build|post_build):[ \t]*(?:#.*)?\r?$/gm);
  const found = [...matches].map(({ 1: indentation = "", 2: name = "", index }) => ({
    name,
    indentation,
    at: start + index,
  }));
  // Deeper lines of the same words are no phases.
  const least = Math.min(...found.map(({ indentation }) => indentation.length));
  return found.filter(({ indentation }) => indentation.length === least);
}

/** Before the first item of the phase's commands, indented as that is. */
function insertFirst(
  text: string,
  { phase, end, command }: { phase: Phase; end: number; command: string },
): TextEdit | string {
  const rest = text.slice(phase.at, end);
  const list = /^[ ]+commands:[ \t]*(?:#.*)?\r?\n((?:[ \t]*(?:#.*)?\r?\n)*)([ ]*)- /m.exec(rest);
  if (list === null) return `the commands of ${phase.name} are no block list: add the command by hand`;
  const at = phase.at + list.index + list[0].length - "- ".length - (list[2]?.length ?? 0);
  const newLine = text.includes("\r\n") ? "\r\n" : "\n";
  return { range: { start: at, end: at }, text: [...formatItem(command, list[2] ?? ""), ""].join(newLine) };
}

function formatItem(command: string, indentation: string): string[] {
  const [first = "", ...rest] = command.split("\n");
  if (rest.length === 0) return [`${indentation}- ${first}`];
  return [`${indentation}- |`, ...[first, ...rest].map((line) => `${indentation}  ${line}`)];
}
