import type { BuildJob } from "../build-job.ts";
import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { holdsCandidate } from "./shell/candidates.ts";
import { readShell } from "./shell/read-shell.ts";

const shebang = /^#!\s*\S*(?:\/|\s)(?:env\s+(?:-\S+\s+)*)?(?:ba|da|a|z|k)?sh\b/;

/** Files of shell: by their ending, or by the line that they begin with. */
export const shellScriptReader: FileReader = {
  kind: "shell script",
  isFor: ({ path, text }: SourceFile) =>
    /\.(?:sh|bash|ash|ksh|zsh)$/.test(path) || (text.startsWith("#!") && shebang.test(text)),
  words: ["#!"],
  read: ({ path, text }: SourceFile): Extraction => {
    if (!holdsCandidate(text)) return emptyExtraction;
    const { images, steps, calls, notes } = readShell(wholeText(text), { variables: new Map() });
    const range = { start: 0, end: text.length };
    const job: BuildJob = {
      runner: "script",
      name: path,
      range,
      runnerImages: [],
      steps,
      ...(calls.length > 0 && { calls }),
    };
    const jobs = steps.length + calls.length === 0 ? [] : [job];
    return { images, jobs, notes };
  },
};
