import { stripVTControlCharacters } from "node:util";

/** Listens to a build's log for what the first command that fails has said last. */
export interface FailedOutput {
  onLine(line: string): void;
  find(): string | undefined;
}

export function openFailedOutput(): FailedOutput {
  let last: string | undefined;
  let found: string | undefined;
  let isDecided = false;
  return {
    onLine(line) {
      if (isDecided) return;
      if (line.startsWith("[Container] ")) {
        if (line.includes(" Running command ")) last = undefined;
        if (!line.includes(" Command did not exit successfully ")) return;
        found = last;
        isDecided = true;
      }
      // Of a progress line that overwrites itself, what is seen in the end.
      const text = stripVTControlCharacters(line.split("\r").findLast((part) => part.trim() !== "") ?? "").trim();
      // Docker Hub's sentence says more than what tools add below it.
      if (text !== "" && !last?.includes("toomanyrequests")) last = text;
    },
    find: () => found,
  };
}
