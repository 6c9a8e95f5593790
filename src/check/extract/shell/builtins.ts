import type { MappedText } from "../../mapped-text.ts";
import { forget } from "./assignments.ts";
import { joinTexts, withoutEscapes } from "./join-texts.ts";
import { isEcrGetLogin, loginToEcr } from "./login.ts";
import type { CommandReader } from "./run-command.ts";
import { callFile } from "./script-calls.ts";
import { constantOf, type ShellValue, textOf } from "./shell-value.ts";

/** Commands that change what later ones mean, and those that run a script out of an argument. */
export const builtins: Readonly<Record<string, CommandReader>> = {
  cd: ({ words, scope }) => scope.changeDirectory(findDirectory(words)),
  pushd: ({ words, scope }) => scope.pushDirectory(findDirectory(words)),
  popd: ({ scope }) => scope.popDirectory(),
  read: ({ words, scope }) => forget(words.slice(1).map(textOf), scope),
  mapfile: ({ words, scope }) => forget(words.slice(1).map(textOf), scope),
  readarray: ({ words, scope }) => forget(words.slice(1).map(textOf), scope),
  unset: ({ words, scope }) => {
    for (const word of words.slice(1)) scope.variables.delete(textOf(word));
  },
  shift: ({ words, scope }) => {
    const count = words[1] === undefined ? 1 : Number(constantOf(words[1]));
    scope.positional = Number.isInteger(count) ? scope.positional?.slice(count) : undefined;
  },
  eval: (command, { sink, walkText }) => {
    const written = command.words.find((word) => word.command !== undefined)?.command ?? "";
    if (isEcrGetLogin(written)) return loginToEcr(command, written, sink);
    walkText(joinWords(command.words.slice(1)), command.scope);
  },
  sh: runShell,
  bash: runShell,
  ash: runShell,
  dash: runShell,
  zsh: runShell,
  su: (command, around) => {
    const at = command.words.findIndex((word) => textOf(word) === "-c" || textOf(word) === "--command");
    const script = command.words[at + 1];
    if (at > 0 && script !== undefined) around.walkText(scriptText(script), command.scope.fork());
  },
};

/** `sh -c '…'`, `bash -lc "…"`, `bash <<EOF`, `aws ecr get-login | sh`. */
function runShell(...[command, { sink, walkText }]: Parameters<CommandReader>): void {
  const at = command.words.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(textOf(word)));
  const script = command.words[at + 1];
  if (at > 0 && script !== undefined) return walkText(scriptText(script), command.scope.fork());
  const file = command.words.slice(1).find((word) => !textOf(word).startsWith("-"));
  if (file !== undefined) return callFile(command, file, sink);
  for (const input of command.input) {
    if (input.kind === "text") walkText(scriptText(input.text), command.scope.fork());
    if (input.kind === "command" && isEcrGetLogin(input.command.place.text)) {
      loginToEcr(command, input.command.place.text, sink);
    }
  }
}

/** `cd -P x`; home and the directory before are not constant. */
function findDirectory(words: readonly ShellValue[]): string | undefined {
  const target = words.slice(1).find((word) => !/^-[PLe@]*$|^--$/.test(textOf(word)));
  const path = target === undefined ? undefined : constantOf(target);
  return path?.startsWith("~") === true ? undefined : path;
}

/**
 * A script that stands in quotes. What the outer shell would put in, the inner reading puts in just the same; of the escapes
 * only those that double quotes know are taken away.
 */
function scriptText({ place, isQuoted, origin }: ShellValue): MappedText {
  return origin ?? (isQuoted ? withoutEscapes(place, /["\\$`]/) : place);
}

function joinWords(words: readonly ShellValue[]): MappedText {
  const blank: MappedText = { text: " ", findRange: () => undefined, nearestRange: (range) => range };
  return joinTexts(words.flatMap((word, index) => (index === 0 ? [scriptText(word)] : [blank, scriptText(word)])));
}
