import { StringDecoder } from "node:string_decoder";

/** The log of one build: agent lines and the commands' raw output, masked, in order. */
export interface BuildLog {
  /** `[Container] 2026/07/14 09:57:51.063889 TEXT`. */
  line(text: string): void;
  /** Output of a command, as it came. */
  output(chunk: Buffer): void;
  /** Ends a command's output: what was held back comes out, on a line of its own, then one empty line. */
  endOutput(): void;
  /** From now on these values appear as `***`. Empty ones are passed over. */
  mask(values: readonly string[]): void;
  /** The text with all masked values replaced, for contexts and other places that outlive the log. */
  masked(text: string): string;
}

export interface BuildLogOptions {
  now(): Date;
  write(text: string): void;
}

/**
 * Masks by exact text over the whole log, as CodeBuild does (a transformed secret is not recognised). Output comes in
 * chunks that may cut a secret in two, so what could be the beginning of one is held back until more has come.
 */
export function openBuildLog({ now, write }: BuildLogOptions): BuildLog {
  const decoder = new StringDecoder("utf8");
  let values: string[] = [];
  let held = "";
  let endsWithNewline = true;

  const masked = (text: string) => values.reduce((result, value) => result.replaceAll(value, "***"), text);
  const put = (text: string) => {
    if (text === "") return;
    endsWithNewline = text.endsWith("\n");
    write(text);
  };
  return {
    masked,
    line: (text) => put(`[Container] ${formatLogTime(now())} ${masked(text)}\n`),
    output(chunk) {
      const text = masked(held + decoder.write(chunk));
      const keep = lengthOfPossibleSecret(text, values);
      held = text.slice(text.length - keep);
      put(text.slice(0, text.length - keep));
    },
    endOutput() {
      put(masked(held + decoder.end()));
      held = "";
      put(endsWithNewline ? "\n" : "\n\n");
    },
    mask(added) {
      // A secret of several lines may be printed a line at a time.
      const parts = added.flatMap((value) => [value, ...value.split("\n")]).filter((part) => part.trim().length > 0);
      // The longer first: a secret that holds another one must not leave its rest in clear.
      values = [...new Set([...values, ...parts])].sort((one, other) => other.length - one.length);
    },
  };
}

/** How many characters at the end of the text are the beginning of a secret. */
function lengthOfPossibleSecret(text: string, values: readonly string[]): number {
  let longest = 0;
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(value.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** UTC with microseconds, as the agent writes since 2024. JavaScript's clock has milliseconds: the rest is zeros. */
function formatLogTime(time: Date): string {
  return `${time.toISOString().slice(0, 23).replaceAll("-", "/").replace("T", " ")}000`;
}
