import type { BuildAttendance } from "../server/stand-in-pipeline.ts";
import type { PausePoint } from "../services/codebuild/collaborators.ts";
import { UsageError } from "../usage-error.ts";
import type { BuildView } from "./build-view.ts";
import type { BuildFlags } from "./describe-build.ts";
import type { ProcessView, Terminal } from "./terminal.ts";

type AttendanceFlags = Pick<BuildFlags, "phase" | "shellOnFailure">;

/** Throws UsageError CONFIG_BUILD where nobody is there to use a shell. */
export function checkAttendance({ shellOnFailure }: AttendanceFlags, { stdin, stdout }: ProcessView): void {
  if (shellOnFailure !== true || (stdin.isTTY === true && stdout.isTTY === true)) return;
  throw new UsageError("CONFIG_BUILD", "--shell-on-failure opens a shell at a terminal, and there is none", {
    hint: "leave it out, or run chubo in a terminal",
  });
}

/** Shells at breakpoints, where a person is at the terminal, and at failures if they are asked for. */
export function attendBuild(
  flags: AttendanceFlags,
  { process, terminal, view }: { process: ProcessView; terminal: Terminal; view: BuildView },
): BuildAttendance {
  const isAttended = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const openShell = (told: string, end: string) => (point: PausePoint) =>
    view.suspend(async () => {
      const place = [view.taskOf(point.buildId), point.phaseType].filter((part) => part !== undefined).join(", ");
      terminal.line(terminal.style("yellow", `⏸ ${place}: ${told}`));
      terminal.line(terminal.style("dim", `a shell at this point: the build's directory and variables; exit ${end}`));
      await point.openShell({ stdio: [0, 1, 2], isTty: true }, process.variables.TERM);
    });
  const attendant = {
    onBreakpoint: openShell("codebuild-breakpoint", "goes on"),
    ...(flags.shellOnFailure === true && {
      onCommandFailure: (point: PausePoint) => openShell(point.message, "ends the phase")(point),
    }),
  };
  return {
    debugSessionEnabled: isAttended,
    ...(isAttended && { attendant }),
    ...(flags.phase !== undefined && {
      lastPhase: flags.phase.toUpperCase() as NonNullable<BuildAttendance["lastPhase"]>,
    }),
  };
}
