import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { findPrograms, programPath } from "../../../src/containers/find-program.ts";

const hasScript = findPrograms("script", programPath(process.env.PATH ?? "")).length > 0;

/** Runs the program on a pseudo-terminal; types each line when its prompt has been shown. */
function converse(program: string, answers: [prompt: RegExp, line: string][]): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = `${process.execPath} ${program}`;
    const child = spawn("script", ["-qefc", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
    let shown = "";
    let read = 0;
    child.stdout.on("data", (chunk) => {
      shown += chunk;
      for (let [next] = answers; next !== undefined; [next] = answers) {
        const match = next[0].exec(shown.slice(read));
        if (match === null) return;
        read += match.index + match[0].length;
        answers.shift();
        child.stdin.write(next[1]);
      }
    });
    child.on("error", reject);
    child.on("close", () => resolve(shown));
  });
}

test("the shell at a breakpoint is one on the terminal, with job control, and gives it back", {
  skip: hasScript ? false : "needs script(1)",
}, async () => {
  const shown = await converse(join(import.meta.dirname, "attended-build.ts"), [
    [/a shell opens[\s\S]*[#$] /, 'test -t 0 && echo "terminal: $X in $(pwd)"\n'],
    [/terminal: two words in \/\r?\n[\s\S]*[#$] /, "sh -c 'echo ready; exec sleep 600'\n"],
    // Ctrl-C ends what the shell runs, and neither the shell nor the build.
    [/ready\r?\n/, "\x03"],
    [/\^C[\s\S]*[#$] /, "exit 5\n"],
  ]);
  assert.match(shown, /the shell ended with 5/);
  assert.match(shown, /^went on in \/\r?$/m);
  assert.match(shown, /the build is SUCCEEDED/);
});
