import { StringDecoder } from "node:string_decoder";
import { openTextMask } from "./mask-text.ts";

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

/** Output comes in chunks that may cut a secret, or a character, in two: such an end waits for the next chunk. */
export function openBuildLog({ now, write }: BuildLogOptions): BuildLog {
  const mask = openTextMask();
  const decoder = new StringDecoder("utf8");
  let held = "";
  let endsWithNewline = true;
  const put = (text: string) => {
    if (text === "") return;
    endsWithNewline = text.endsWith("\n");
    write(text);
  };
  return {
    masked: mask.masked,
    mask: mask.add,
    line: (text) => put(`[Container] ${formatLogTime(now())} ${mask.masked(text)}\n`),
    output(chunk) {
      const parts = mask.split(held + decoder.write(chunk));
      held = parts.held;
      put(parts.shown);
    },
    endOutput() {
      put(mask.masked(held + decoder.end()));
      held = "";
      put(endsWithNewline ? "\n" : "\n\n");
    },
  };
}

/** UTC with microseconds, as the agent writes since 2024. JavaScript's clock has milliseconds: the rest is zeros. */
function formatLogTime(time: Date): string {
  return `${time.toISOString().slice(0, 23).replaceAll("-", "/").replace("T", " ")}000`;
}
