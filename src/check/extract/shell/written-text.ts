import { constantOf, type ShellValue, textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";
import { nameOf } from "./unwrap-command.ts";

/** The texts that a command prints or passes on: of `echo`, a here document, `jq`'s program. */
export function textsOf({ words, input }: SimpleCommand): ShellValue[] {
  const name = nameOf(words[0]);
  if (name === "echo" || name === "printf") return words.slice(1).filter((word) => !/^-[neE]+$/.test(textOf(word)));
  const own = name === "jq" ? words.slice(1).filter((word) => !textOf(word).startsWith("-")) : [];
  return [
    ...own,
    ...input.flatMap((source) =>
      source.kind === "text" ? [source.text] : source.kind === "command" ? textsOf(source.command) : [],
    ),
  ];
}

/** The files that it writes: by `>`, or as operands of `tee`. */
export function filesWrittenBy({ words, output }: SimpleCommand): string[] {
  const operands = nameOf(words[0]) === "tee" ? words.slice(1).filter((word) => !textOf(word).startsWith("-")) : [];
  return [...(output === undefined ? [] : [output]), ...operands].map((path) => constantOf(path) ?? textOf(path));
}
