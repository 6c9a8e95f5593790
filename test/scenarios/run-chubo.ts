import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { RunResult } from "../../src/server/run-result.ts";

export const repository = join(import.meta.dirname, "..", "..");

/** How a `chubo` process ended, and everything that it said. */
export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the real program, as a user would: its own process, its own terminal streams. */
export function runChubo(
  words: string[],
  options: { directory?: string; input?: string; path?: string } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [join(repository, "bin", "chubo.js"), ...words], {
    cwd: options.directory ?? repository,
    env: { ...process.env, ...(options.path !== undefined && { PATH: options.path }) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(options.input ?? "");
  return collectOutcome(child);
}

export function collectOutcome(child: ReturnType<typeof spawn>): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...texts }));
  });
}

/** The object on the last line of stdout. */
export function resultOf(outcome: Outcome): RunResult {
  const last = outcome.stdout.trimEnd().split("\n").at(-1);
  if (last === undefined || !last.startsWith("{")) throw new Error(`no result on stdout; stderr:\n${outcome.stderr}`);
  return JSON.parse(last) as RunResult;
}

/** The phase that failed, as `PHASE STATUSCODE: message`. */
export function failureOf(result: RunResult): string | undefined {
  const phase = result.builds[0]?.phases.find(({ phaseStatus }) => phaseStatus === "FAILED");
  const context = phase?.contexts[0];
  return phase === undefined ? undefined : `${phase.phaseType} ${context?.statusCode}: ${context?.message}`;
}

/** An empty directory that goes with the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
