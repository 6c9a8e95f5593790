import type { MappedText } from "../../mapped-text.ts";
import type { ShellScope } from "./shell-scope.ts";
import type { ShellValue } from "./shell-value.ts";

/** A command with its words expanded, and what reads and writes beside them. */
export interface SimpleCommand {
  /** The command's own name first. */
  words: readonly ShellValue[];
  /** Where it stands, in the text that it was read from. */
  place: MappedText;
  /** What it gets on its standard input, the last writer last. */
  input: readonly CommandInput[];
  /** The file that its output goes to: `> ~/.docker/config.json`. */
  output: ShellValue | undefined;
  /** Set for this command alone: `A=b docker …`. */
  environment: ReadonlyMap<string, ShellValue>;
  scope: ShellScope;
  /** A loop or a retry tool is around it. */
  isRetried: boolean;
  /** `command || true`. */
  mayFail: boolean;
}

export type CommandInput =
  | { kind: "command"; command: SimpleCommand }
  | { kind: "text"; text: ShellValue }
  | { kind: "file"; path: ShellValue };
