import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PhaseName } from "../../buildspec/buildspec.ts";
import { PhaseFailure } from "./phase-failure.ts";
import type { BuildRun } from "./run-build.ts";

/** Runs a phase's commands up to the first that fails, then its `finally` commands. */
export async function runCommandPhase(run: BuildRun, phaseType: Uppercase<PhaseName>): Promise<void> {
  const phase = run.buildspec?.phases[phaseType.toLowerCase() as PhaseName];
  run.log.line(`Entering phase ${phaseType}`);
  let failure = await runCommands(run, phase?.commands ?? []);
  failure = (await runCommands(run, phase?.finally ?? [])) ?? failure;
  if (phaseType === "POST_BUILD") await captureExportedVariables(run);
  if (failure !== undefined) throw failure;
}

async function runCommands(run: BuildRun, commands: readonly string[]): Promise<PhaseFailure | undefined> {
  for (const command of commands) {
    run.log.line(`Running command ${command}`);
    const status = await runInShell(run, command, (chunk) => run.log.output(chunk));
    run.log.endOutput();
    run.signal.throwIfAborted();
    if (status === 0) continue;
    run.log.line(`Command did not exit successfully ${command} exit status ${status}`);
    const message = `Error while executing command: ${command}. Reason: exit status ${status}`;
    return new PhaseFailure("COMMAND_EXECUTION_ERROR", run.log.masked(message));
  }
  return undefined;
}

async function runInShell(run: BuildRun, command: string, onOutput: (chunk: Buffer) => void): Promise<number> {
  const { shell, variables, succeeding, signal } = run;
  if (shell === undefined || variables === undefined) throw new Error("commands run before DOWNLOAD_SOURCE");
  return shell.run(command, { variables, succeeding, onOutput, signal });
}

/**
 * Reads env.exported-variables as they stand at the end of POST_BUILD. The shell writes them NUL-separated to a file:
 * values may hold any other character.
 */
async function captureExportedVariables(run: BuildRun): Promise<void> {
  const names = run.buildspec?.exportedVariables ?? [];
  const { environment, build } = run;
  if (names.length === 0 || environment === undefined) return;
  const file = `${environment.temporaryDirectory}/exported`;
  const words = names.filter((name) => /^[A-Za-z_]\w*$/.test(name)).map((name) => `"\${${name}-}"`);
  await runInShell(run, `printf '%s\\0' ${words.join(" ")} > '${file}'`, () => undefined);
  const values = readFileSync(join(environment.local.temporaryDirectory, "exported"), "utf8").split("\0");
  build.exportedVariables = names.map((name, index) => ({ name, value: run.log.masked(values[index] ?? "") }));
}
