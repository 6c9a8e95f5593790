import type { ReadFile } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { passwordVariable, userVariable } from "./login-command.ts";

/**
 * The two variables in a buildspec of its own file, from a secret that is there already. In YAML's block style; otherwise
 * the reason why not. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager
 */
export function buildspecSecrets({ text }: ReadFile, secretName: string): TextEdit | string {
  const newLine = text.includes("\r\n") ? "\r\n" : "\n";
  const variables = [`    ${userVariable}: ${secretName}:username`, `    ${passwordVariable}: ${secretName}:password`];
  const known = /^env:[ \t]*(?:#.*)?\r?\n/m.exec(text);
  if (known === null) {
    const version = /^version:.*\r?\n/m.exec(text);
    if (version === null) return "its version is not on a line of its own: add env.secrets-manager by hand";
    return insertAfter(version, ["env:", "  secrets-manager:", ...variables]);
  }
  const rest = text.slice(known.index + known[0].length);
  const [, step = ""] = /^(?:[ \t]*(?:#.*)?\r?\n)*([ ]+)\S/.exec(rest) ?? [];
  const [own = ""] = /^(?:[ \t]+.*\r?\n|[ \t]*\r?\n|#.*\r?\n)*/.exec(rest) ?? [];
  if (/secrets-manager:/.test(own))
    return `it takes secrets already: add ${userVariable} and ${passwordVariable} to them by hand`;
  if (step === "") return "its env is not in YAML's block style: add secrets-manager by hand";
  return insertAfter(known, [
    `${step}secrets-manager:`,
    ...variables.map((line) => line.replace("    ", step.repeat(2))),
  ]);

  function insertAfter(match: RegExpExecArray, lines: readonly string[]): TextEdit {
    const at = match.index + match[0].length;
    return { range: { start: at, end: at }, text: lines.map((line) => `${line}${newLine}`).join("") };
  }
}
