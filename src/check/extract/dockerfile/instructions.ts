import type { ExtractionNote } from "../../extraction.ts";
import type { TextRange } from "../../source-file.ts";
import { type Directives, readDirectives } from "./directives.ts";
import { type LineReader, type LogicalLine, openLines } from "./logical-lines.ts";
import { findQuotedWords, findWordEnd } from "./words.ts";

/** An instruction that may name an image or decide one; all others are passed over. */
export interface Instruction {
  keyword: "FROM" | "ARG" | "COPY" | "ADD" | "RUN";
  /** Of `ONBUILD`: done by the build that starts from this image. */
  isOnBuild: boolean;
  line: LogicalLine;
  /** Where its arguments begin in the line's text. */
  argumentsAt: number;
}

export interface Instructions {
  directives: Directives;
  instructions: Instruction[];
  notes: ExtractionNote[];
}

const keyword = /^(?:(onbuild)[ \t]+)?(from|arg|copy|add|run)(?=\s|$)/i;

/** The instructions of a Dockerfile in order, with what a heredoc holds left out. Ranges are those of `text`. */
export function readInstructions(text: string): Instructions {
  const directives = readDirectives(text);
  const lines = openLines(text, directives.escapeCharacter);
  const instructions: Instruction[] = [];
  const notes: ExtractionNote[] = [];
  for (let line = lines.nextLine(); line !== undefined; line = lines.nextLine()) {
    const [all, onBuild, name] = keyword.exec(line.text) ?? [];
    if (all === undefined || name === undefined) continue;
    const instruction: Instruction = {
      keyword: name.toUpperCase() as Instruction["keyword"],
      isOnBuild: onBuild !== undefined,
      line,
      argumentsAt: all.length,
    };
    // ONBUILD FROM is refused by every builder, and an ONBUILD ARG decides nothing here.
    if (!instruction.isOnBuild || /^(?:COPY|ADD|RUN)$/.test(instruction.keyword)) instructions.push(instruction);
    const note = skipHeredocs(lines, instruction, directives.escapeCharacter);
    if (note !== undefined) notes.push(note);
  }
  return { directives, instructions, notes };
}

/** https://docs.docker.com/reference/dockerfile/#here-documents */
function skipHeredocs(
  lines: LineReader,
  instruction: Instruction,
  escapeCharacter: string,
): ExtractionNote | undefined {
  const { keyword: name, line, argumentsAt } = instruction;
  if (name === "FROM" || name === "ARG" || !line.text.includes("<<")) return undefined;
  for (const word of findQuotedWords(line.text, argumentsAt, escapeCharacter) ?? []) {
    const written = line.text.slice(word.start, word.end);
    const [, dash, rest = ""] = /^\d*<<(-?)([^<]+)$/.exec(written) ?? [];
    const delimiter = rest.replace(/["']/g, "");
    if (delimiter !== "" && !lines.skipHeredoc(delimiter, dash === "-")) {
      return { message: `the heredoc has no line with its end, ${delimiter}`, range: line.rangeOf(word) };
    }
  }
  return undefined;
}

/** `--name=value` before the other arguments: each value's place in the line, and where the others begin. */
export function readFlags(
  { line, argumentsAt }: Instruction,
  escapeCharacter: string,
): { flags: { name: string; value: TextRange }[]; end: number } {
  const flags: { name: string; value: TextRange }[] = [];
  const { text } = line;
  let end = argumentsAt;
  const head = /\s*(--[A-Za-z][A-Za-z-]*)(?:=|(?=\s|$))/y;
  head.lastIndex = end;
  for (let match = head.exec(text); match !== null; match = head.exec(text)) {
    const start = head.lastIndex;
    const value = { start, end: findWordEnd(text, start, escapeCharacter) ?? text.length };
    flags.push({ name: (match[1] as string).slice(2).toLowerCase(), value });
    end = value.end;
    head.lastIndex = end;
  }
  return { flags, end };
}
