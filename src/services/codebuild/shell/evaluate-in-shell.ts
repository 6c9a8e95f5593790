import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildRun } from "../run/build-run.ts";
import { quoteForShell } from "./shell-command.ts";

/** Resolves with the exit status of a command in the build's shell. */
export function runInShell(
  run: BuildRun,
  command: string,
  onOutput: (chunk: Buffer) => void,
  user?: string,
): Promise<number> {
  const { shell, variables, succeeding, signal } = run;
  if (shell === undefined || variables === undefined) throw new Error("commands run after DOWNLOAD_SOURCE");
  return shell.run(command, { variables, succeeding, user, onOutput, signal });
}

/**
 * What the words are worth in the build's shell as it stands, one value a word. They come by file with NUL between:
 * values may hold any other character. Empty where the shell fails.
 */
export async function evaluateInShell(run: BuildRun, words: readonly string[]): Promise<string[]> {
  const { environment } = run;
  if (words.length === 0 || environment === undefined) return [];
  const command = `printf '%s\\0' ${words.join(" ")} > ${quoteForShell(`${environment.temporaryDirectory}/values`)}`;
  const status = await runInShell(run, command, () => undefined);
  if (status !== 0) return [];
  return readFileSync(join(environment.local.temporaryDirectory, "values"), "utf8").split("\0").slice(0, words.length);
}
