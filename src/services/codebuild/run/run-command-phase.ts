import type { PhaseName } from "../../../buildspec/buildspec.ts";
import { evaluateInShell, runInShell } from "../shell/evaluate-in-shell.ts";
import type { BuildRun } from "./build-run.ts";
import { PhaseFailure } from "./phase-failure.ts";

/** Runs a phase's commands up to the first that fails, then its `finally` commands. */
export async function runCommandPhase(run: BuildRun, phaseType: Uppercase<PhaseName>): Promise<void> {
  const phase = run.buildspec?.phases[phaseType.toLowerCase() as PhaseName];
  run.log.line(`Entering phase ${phaseType}`);
  let failure = await runCommands(run, phase?.commands ?? []);
  failure = (await runCommands(run, phase?.finally ?? [])) ?? failure;
  if (phaseType === "POST_BUILD") {
    await captureExportedVariables(run);
    if (run.build.cache?.type === "S3") await (await import("../cache/build-cache.ts")).saveCache(run);
  }
  if (failure !== undefined) throw failure;
}

async function runCommands(run: BuildRun, commands: readonly string[]): Promise<PhaseFailure | undefined> {
  for (const command of commands) {
    run.log.line(`Running command ${command}`);
    const status = await runInShell(run, command, (chunk) => run.log.output(chunk));
    run.log.endOutput();
    run.signal.throwIfAborted();
    if (status === 0) continue;
    run.succeeding = false;
    run.log.line(`Command did not exit successfully ${command} exit status ${status}`);
    const message = `Error while executing command: ${command}. Reason: exit status ${status}`;
    return new PhaseFailure("COMMAND_EXECUTION_ERROR", message);
  }
  return undefined;
}

/**
 * Reads env.exported-variables as they stand at the end of POST_BUILD. Secrets stay masked: AWS exports neither values of
 * Secrets Manager and the parameter store, nor AWS_*.
 */
async function captureExportedVariables(run: BuildRun): Promise<void> {
  const names = run.buildspec?.exportedVariables ?? [];
  const isExportable = (name: string) => /^[A-Za-z_]\w*$/.test(name) && !name.startsWith("AWS_");
  for (const name of names.filter((candidate) => !isExportable(candidate))) {
    run.log.line(`Warning: ${name} cannot be exported`);
  }
  const exported = names.filter(isExportable);
  const values = await evaluateInShell(
    run,
    exported.map((name) => `"\${${name}-}"`),
  );
  run.build.exportedVariables = exported.map((name, index) => ({ name, value: run.log.masked(values[index] ?? "") }));
}
