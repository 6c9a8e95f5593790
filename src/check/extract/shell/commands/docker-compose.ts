import type { ComposeStep } from "../../../build-job.ts";
import { composeOptions, composeVerbOptions, serviceOptions } from "../option-tables.ts";
import { findOption, findOptions, readOptions } from "../options.ts";
import type { CommandReader, Surroundings } from "../run-command.ts";
import { constantOf, type ShellValue, textOf } from "../shell-value.ts";
import type { SimpleCommand } from "../simple-command.ts";
import { rangeOf } from "../step-sink.ts";

/** The verbs that may pull; `down`, `logs`, `push` and their like do not. */
const pullingVerbs = new Set(["up", "build", "pull", "run", "create", "watch"]);

interface ComposeInvocation extends Surroundings {
  command: SimpleCommand;
  words: readonly ShellValue[];
}

/** `docker-compose`, `podman-compose`. */
export const runCompose: CommandReader = (command, around) => {
  readCompose({ ...around, command, words: command.words.slice(1) });
};

export function readCompose({ command, words, sink }: ComposeInvocation): void {
  const line = readOptions(words, composeOptions);
  const [verb, ...rest] = line.operands;
  if (verb === undefined || !pullingVerbs.has(textOf(verb))) return;
  const inVerb = readOptions(rest, { ...composeVerbOptions, stopsAtOperand: textOf(verb) === "run" });
  const named = textOf(verb) === "run" ? inVerb.operands.slice(0, 1) : inVerb.operands;
  const folder = findOption(line, "project-directory");
  const directory = folder === undefined ? command.scope.directory : command.scope.resolvePath(textOf(folder));
  sink.add({
    kind: "compose",
    range: rangeOf(command),
    verb: textOf(verb),
    files: filesOf(command, findOptions(line, "f", "file")),
    ...(directory !== undefined && directory !== "." && { directory }),
    ...(named.length > 0 && { services: named.map(textOf) }),
    ...(command.isRetried && { retried: true }),
  });
}

function filesOf(command: SimpleCommand, files: readonly ShellValue[]): string[] {
  const resolve = (path: string) => command.scope.resolvePath(path) ?? path;
  if (files.length > 0) return files.map((file) => resolve(textOf(file))).filter((file) => file !== "-");
  const variable = command.environment.get("COMPOSE_FILE") ?? command.scope.variables.get("COMPOSE_FILE");
  const paths = variable && constantOf(variable);
  return paths === undefined || paths === "" ? [] : paths.split(":").map(resolve);
}

/** `docker stack deploy -c FILE NAME`. */
export function readStack({ command, words, sink }: ComposeInvocation): void {
  const files = filesOf(command, findOptions(readOptions(words, serviceOptions), "c", "compose-file"));
  const step: ComposeStep = { kind: "compose", range: rangeOf(command), verb: "stack deploy", files };
  sink.add(step);
}
