import type { MappedText } from "../../mapped-text.ts";
import { builtins } from "./builtins.ts";
import { writeConfiguration } from "./client-configuration.ts";
import { toolReaders } from "./commands/tool-readers.ts";
import { isEcrGetLogin, loginToEcr } from "./login.ts";
import { callFile, recipeRunners } from "./script-calls.ts";
import type { ShellScope } from "./shell-scope.ts";
import type { SimpleCommand } from "./simple-command.ts";
import type { StepSink } from "./step-sink.ts";
import { nameOf, unwrapCommand } from "./unwrap-command.ts";

export interface Surroundings {
  sink: StepSink;
  /** Reads a script inside of a script. */
  walkText(text: MappedText, scope: ShellScope): void;
}

/** What a command does with registries, or with what later commands mean. */
export type CommandReader = (command: SimpleCommand, around: Surroundings) => void;

const readers: ReadonlyMap<string, CommandReader> = new Map(
  Object.entries({ ...builtins, ...recipeRunners, ...toolReaders }),
);

export function runCommand(written: SimpleCommand, around: Surroundings): void {
  const command = unwrapCommand(written);
  writeConfiguration(command ?? written, around);
  if (command === undefined) return;
  const [first] = command.words;
  if (first?.command !== undefined && isEcrGetLogin(first.command))
    return loginToEcr(command, first.command, around.sink);
  const name = nameOf(first);
  const reader = readers.get(name);
  if (reader !== undefined) reader(command, around);
  else callFile(command, first, around.sink);
}
