import type { PausePoint } from "../collaborators.ts";
import { programDirectory } from "../shell/build-programs.ts";
import type { StateFiles } from "../shell/shell-command.ts";
import type { BuildRun } from "./build-run.ts";

/** Where a build has come to, for a person who attends it. */
interface Point extends Pick<PausePoint, "phaseType" | "message"> {
  /** Of `run-as`. */
  user: string | undefined;
  /** Without it: the state that the next command would find. */
  state?: StateFiles;
  signal: AbortSignal;
}

/** `attendant` may open shells at the point until its promise resolves. */
export async function pauseFor(
  run: BuildRun,
  attend: (point: PausePoint) => Promise<void>,
  { phaseType, message, signal, ...rest }: Point,
): Promise<void> {
  const { shell, variables, succeeding } = run;
  if (shell === undefined || variables === undefined) throw new Error("a build pauses after DOWNLOAD_SOURCE");
  await attend({
    buildId: run.build.id,
    ...{ phaseType, message, signal },
    openShell(terminal, termType) {
      const term = termType === undefined ? variables : { ...variables, TERM: termType };
      return shell.attach(terminal, { variables: term, succeeding, signal, ...rest });
    },
  });
}

/** Runs a command that may stop at breakpoints. Where nobody attends the build, it waits for `codebuild-resume`. */
export async function runWithBreakpoints<Result>(
  run: BuildRun,
  command: Promise<Result>,
  point: Pick<Point, "phaseType" | "user">,
): Promise<Result> {
  const { environment, collaborators, build, input } = run;
  if (environment === undefined) throw new Error("commands run after PROVISIONING");
  const { breakpointState, watchBreakpoints } = await import("../shell/debug-session.ts");
  return watchBreakpoints(environment, command, async (resumed) => {
    const signal = AbortSignal.any([run.signal, resumed]);
    const onBreakpoint = input.attendant?.onBreakpoint;
    const message = "codebuild-breakpoint";
    if (onBreakpoint !== undefined) {
      return pauseFor(run, onBreakpoint, { ...point, message, signal, state: breakpointState });
    }
    const resume = `${environment.temporaryDirectory}/${programDirectory}/codebuild-resume`;
    collaborators.observer.onNote(build, `paused at a breakpoint in ${point.phaseType}; ${resume} lets it go on`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  });
}
