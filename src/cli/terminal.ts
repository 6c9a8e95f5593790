import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";

/** What a command sees of the process it runs in. */
export interface ProcessView {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  variables: Record<string, string | undefined>;
  currentDirectory: string;
}

type Style = Parameters<typeof styleText>[0];

/** Where the human view goes. Colours respect NO_COLOR, FORCE_COLOR, TERM=dumb and pipes (`styleText` with a stream). */
export interface Terminal {
  /** True where a person watches: cursor movement and prompts are welcome. */
  interactive: boolean;
  columns: number;
  line(text?: string): void;
  write(text: string): void;
  style(style: Style, text: string): string;
}

export function openTerminal(process: ProcessView, stream: ProcessView["stdout"]): Terminal {
  const style = (kind: Style, text: string) => styleText(kind, text, { stream: stream as never });
  return {
    interactive: stream.isTTY === true && process.stdin.isTTY === true && process.variables.TERM !== "dumb",
    columns: stream.columns || 100,
    line: (text = "") => void stream.write(`${text}\n`),
    write: (text) => void stream.write(text),
    style,
  };
}

/** A text that is no wider than so many columns, with a sign where it was cut. */
export function cutAt(columns: number, text: string): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

/** A terminal that shows nothing, for `--quiet`. */
export function silentTerminal(terminal: Terminal): Terminal {
  return { ...terminal, line: () => undefined, write: () => undefined };
}
