import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { holdsShellCandidate, readShell } from "./shell/read-shell.ts";

const shebang = /^#!\s*\S*(?:\/|\s)(?:env\s+(?:-\S+\s+)*)?(?:ba|da|a|z|k)?sh\b/;

/** Files of shell: by their ending, or by the line that they begin with. */
export const shellScriptReader: FileReader = {
  kind: "shell script",
  isFor: ({ path, text }: SourceFile) =>
    /\.(?:sh|bash|ash|ksh|zsh)$/.test(path) || (text.startsWith("#!") && shebang.test(text)),
  read: ({ path, text }: SourceFile): Extraction => {
    if (!holdsShellCandidate(text)) return emptyExtraction;
    const { images, steps, notes } = readShell(wholeText(text), { variables: new Map() });
    const range = { start: 0, end: text.length };
    const jobs = steps.length === 0 ? [] : [{ runner: "script" as const, name: path, range, runnerImages: [], steps }];
    return { images, jobs, notes };
  },
};
