import { stripVTControlCharacters } from "node:util";

/** What a build's log says of the commands of the phase that runs. */
export interface CommandOutput {
  /** A new phase. */
  begin(): void;
  onLine(line: string): void;
  /** Of the phase: `3 commands, 211 lines`, or nothing where there were none. */
  count(): string;
  /** The same of all phases. */
  total(): string;
  /** The command that runs, as one line. */
  command(): string;
  /** Its last lines. */
  last(number: number): string[];
  /** The first command that failed, and its last lines. */
  failed(): readonly string[];
}

/** Lines of a failed command that stay. */
const failedLines = 25;

export function openCommandOutput(): CommandOutput {
  let [commands, lines] = [0, 0];
  let [earlierCommands, earlierLines] = [0, 0];
  let command = "";
  let last: string[] = [];
  let ofFailed: string[] = [];
  return {
    begin() {
      earlierCommands += commands;
      earlierLines += lines;
      [commands, lines, command, last] = [0, 0, "", []];
    },
    onLine(line) {
      const [, agent] = /^\[Container\] \S+ \S+ (.*)$/.exec(line) ?? [];
      if (agent?.startsWith("Running command ")) {
        commands++;
        command = agent.slice("Running command ".length);
        last = [];
      } else if (agent?.startsWith("Command did not exit successfully ")) {
        if (ofFailed.length === 0) ofFailed = [`$ ${command}`, ...last];
      } else if (agent === undefined && line !== "") {
        lines++;
        last.push(line);
        if (last.length > failedLines) last.shift();
      }
    },
    count: () => describe(commands, lines),
    total: () => describe(earlierCommands + commands, earlierLines + lines),
    command: () => cleaned(command),
    last: (number) => last.slice(-number).map(cleaned),
    failed: () => ofFailed,
  };
}

/** Of a progress line that overwrites itself, what is seen in the end; no control characters in the window. */
function cleaned(line: string): string {
  return stripVTControlCharacters(line.split("\r").findLast((part) => part.trim() !== "") ?? "")
    .replaceAll("\t", "  ")
    .split("\n", 1)[0] as string;
}

function describe(commands: number, lines: number): string {
  return commands === 0 ? "" : `${counted(commands, "command")}, ${counted(lines, "line")}`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
