import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { repository } from "./run-chubo.ts";

export interface TerminalSession {
  child: ChildProcess;
  /** All that the terminal has shown so far. */
  shown(): string;
  /** Until that text has been shown, `times` times. */
  waitFor(text: string, times?: number): Promise<void>;
}

/**
 * A shell at a pseudo-terminal of its own, which util-linux's `script` makes: runs chubo, tells its exit status as `status N`, and
 * runs `afterwards`, at the end of which it says `the end`.
 */
export function openTerminalSession(
  t: TestContext,
  words: readonly string[],
  { directory, afterwards = "true", variables = "" }: { directory: string; afterwards?: string; variables?: string },
): TerminalSession {
  const chubo = [process.execPath, join(repository, "bin", "chubo.js"), ...words].map((word) => `'${word}'`).join(" ");
  // Made from pipes it has no size, and a question would have no room.
  const command = `stty cols 100 rows 30; ${variables} ${chubo}; echo "status $?"; ${afterwards}; echo the end`;
  // A person's terminal: Node also takes CI for a sign that colours are not wanted.
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...environment } = process.env;
  const child = spawn("script", ["--quiet", "--command", command, "/dev/null"], {
    cwd: directory,
    env: { ...environment, TERM: "xterm" },
  });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  let onText = () => {};
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    onText();
  });
  const waitFor = (awaited: string, times = 1) =>
    new Promise<void>((resolve, reject) => {
      onText = () => text.split(awaited).length > times && resolve();
      child.on("close", () => reject(new Error(`ended before "${awaited}":\n${text}`)));
      onText();
    });
  return { child, shown: () => text, waitFor };
}
