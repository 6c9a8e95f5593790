import type { BuildspecPhase, OnFailure, PhaseName } from "../../../buildspec/buildspec.ts";
import { runInShell } from "../shell/evaluate-in-shell.ts";
import type { BuildRun } from "./build-run.ts";
import { PhaseFailure } from "./phase-failure.ts";

/** Runs a phase's commands up to the first that fails, then its `finally` commands; and all again as `on-failure` says. */
export async function runCommandPhase(run: BuildRun, phaseType: Uppercase<PhaseName>): Promise<void> {
  const phase = run.buildspec?.phases[phaseType.toLowerCase() as PhaseName];
  run.log.line(`Entering phase ${phaseType}`);
  const failure = phase === undefined ? undefined : await runWithRetries(run, phaseType, phase);
  if (phaseType === "POST_BUILD" && (run.buildspec?.exportedVariables.length ?? 0) > 0) {
    await (await import("../variables/export-variables.ts")).exportVariables(run);
  }
  if (phaseType === "POST_BUILD" && run.build.cache?.type === "S3") {
    await (await import("../cache/build-cache.ts")).saveCache(run);
  }
  if (failure !== undefined) throw failure;
}

/**
 * A retry runs the phase's commands from the first. How a build on AWS shows it is not recorded: here it stays one phase,
 * with the last failure as its context, and a line of the log counts.
 */
async function runWithRetries(
  run: BuildRun,
  phaseType: Uppercase<PhaseName>,
  phase: BuildspecPhase,
): Promise<PhaseFailure | undefined> {
  const { succeeding } = run;
  const { onFailure } = phase;
  const retries = onFailure?.action === "RETRY" ? onFailure.count : 0;
  for (let retry = 0; ; retry++) {
    const isRetried = (failure: CommandFailure) => retry < retries && isToBeRetried(failure, onFailure);
    const failed = await runOnce(run, phaseType, phase, isRetried);
    if (failed === undefined || !isRetried(failed)) return failed;
    run.log.line(`Retrying phase ${phaseType}: retry ${retry + 1} of ${retries}`);
    run.succeeding = succeeding;
  }
}

async function runOnce(
  run: BuildRun,
  phaseType: Uppercase<PhaseName>,
  phase: BuildspecPhase,
  isRetried: (failure: CommandFailure) => boolean,
): Promise<CommandFailure | undefined> {
  const user = phase.runAs ?? run.buildspec?.runAs;
  const place = { phaseType, user };
  const failure = await runCommands(run, phase.commands, { ...place, lines: phase.lines.commands });
  const attend = run.input.attendant?.onCommandFailure;
  if (failure !== undefined && attend !== undefined && !isRetried(failure)) {
    const { pauseFor } = await import("./attendance.ts");
    await pauseFor(run, attend, { ...place, message: run.log.masked(failure.message), signal: run.signal });
    run.signal.throwIfAborted();
  }
  // Of two failures the first is the one to mend.
  const failureAfter = await runCommands(run, phase.finally, { ...place, lines: phase.lines.finally });
  return failure ?? failureAfter;
}

/** How much of a failed command's output a retry's pattern is held against. */
const rememberedOutput = 4096;

/** A command failed; the end of its output is kept where a pattern asks for it. */
class CommandFailure extends PhaseFailure {
  readonly output: string;

  constructor(command: string, status: number, output: string) {
    super("COMMAND_EXECUTION_ERROR", `Error while executing command: ${command}. Reason: exit status ${status}`);
    this.output = output;
  }
}

/**
 * AWS says that the pattern is held against the error message, and not whether that is the context's or the program's own:
 * both count here. The pattern is JavaScript's, where AWS's is Go's: they differ in look-around and flags.
 */
function isToBeRetried({ message, output }: CommandFailure, onFailure: OnFailure | undefined): boolean {
  if (onFailure?.action !== "RETRY") return false;
  const pattern = new RegExp(onFailure.pattern);
  return pattern.test(message) || pattern.test(output);
}

export interface CommandPlace {
  phaseType: Uppercase<PhaseName> | "DOWNLOAD_SOURCE";
  user?: string | undefined;
  /** Where each command stands in the buildspec, if it does. */
  lines?: readonly number[];
}

/** Commands of a phase, or of a runtime; where they run decides who runs them. */
export async function runCommands(
  run: BuildRun,
  commands: readonly string[],
  place: CommandPlace,
): Promise<CommandFailure | undefined> {
  for (const [index, command] of commands.entries()) {
    run.log.line(`Running command ${command}`);
    let end: Buffer = Buffer.alloc(0);
    const onOutput = (chunk: Buffer) => {
      run.log.output(chunk);
      end = chunk.length < rememberedOutput ? Buffer.concat([end, chunk]).subarray(-rememberedOutput) : chunk;
    };
    const running = runInShell(run, command, onOutput, place.user);
    const status = await (run.build.debugSessionEnabled ? withBreakpoints(run, running, place) : running);
    run.log.endOutput();
    run.signal.throwIfAborted();
    if (status === 0) continue;
    run.succeeding = false;
    run.log.line(`Command did not exit successfully ${command} exit status ${status}`);
    const line = place.lines?.[index];
    if (line !== undefined) run.collaborators.observer.onNote(run.build, `failed at ${run.buildspecName}:${line}`);
    return new CommandFailure(command, status, end.subarray(-rememberedOutput).toString());
  }
  return undefined;
}

async function withBreakpoints(
  run: BuildRun,
  running: Promise<number>,
  { phaseType, user }: CommandPlace,
): Promise<number> {
  const { runWithBreakpoints } = await import("./attendance.ts");
  return runWithBreakpoints(run, running, { phaseType, user });
}
