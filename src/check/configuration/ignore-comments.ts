import type { SourceFile } from "../source-file.ts";

/** `# chubo-ignore CHUBO001: reason`, for its own line or, alone on a line, for the next one that is no comment. */
export interface IgnoreComment {
  codes: readonly string[];
  /** Empty where none is given: then the comment is not heeded. */
  reason: string;
  /** Where it stands, from 1. */
  line: number;
  /** Of the findings that it leaves out. */
  target: number;
}

const comment =
  /(?:#|\/\/|\{\{-?\s*\/\*)\s*chubo-ignore\s+(CHUBO\d{3}(?:\s*,\s*CHUBO\d{3})*)\s*(?::\s*(.*?))?\s*(?:\*\/.*)?$/;
const wholeLine = /^\s*(?:#|\/\/|\{\{-?\s*\/\*)/;

export function findIgnoreComments({ text }: SourceFile): IgnoreComment[] {
  if (!text.includes("chubo-ignore")) return [];
  const lines = text.split(/\r?\n/);
  return lines.flatMap((written, index) => {
    const match = comment.exec(written);
    if (match === null) return [];
    let target = index;
    if (wholeLine.test(written)) {
      do target++;
      while (target < lines.length && wholeLine.test(lines[target] ?? ""));
    }
    const codes = (match[1] ?? "").split(/\s*,\s*/);
    return [{ codes, reason: match[2] ?? "", line: index + 1, target: target + 1 }];
  });
}
