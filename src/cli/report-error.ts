import { UsageError } from "../usage-error.ts";
import type { Terminal } from "./terminal.ts";

/** Exit statuses of every command; docs/errors.md. */
export const exitStatus = { succeeded: 0, failed: 1, usage: 2, defect: 70, interrupted: 130 } as const;

/** A person broke off before anything was made. */
export class Interruption extends Error {}

/** A whole screen of problems; what follows is mostly of the same kind. */
const mostShown = 20;

/** Prints an error as its reader needs it, and returns the exit status that it means. */
export function reportError(error: unknown, terminal: Terminal): number {
  if (error instanceof Interruption) {
    terminal.line(error.message);
    return exitStatus.interrupted;
  }
  if (!(error instanceof UsageError)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.line(`${terminal.style(["red", "bold"], "chubo: internal error")} (this is a defect of chubo's)`);
    terminal.line(detail);
    return exitStatus.defect;
  }
  const problems = problemsOf(error);
  for (const problem of problems.slice(0, mostShown)) printProblem(problem, terminal);
  if (problems.length > mostShown) terminal.line(`… and ${problems.length - mostShown} more like these`);
  return exitStatus.usage;
}

/** A template can have several problems; they are shown together. */
function problemsOf(error: UsageError): readonly UsageError[] {
  const problems = (error as { problems?: readonly UsageError[] }).problems;
  return problems !== undefined && problems.length > 0 ? problems : [error];
}

function printProblem(error: UsageError, terminal: Terminal): void {
  const { file, line, column } = error.place;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const label = terminal.style(["red", "bold"], "error");
  terminal.line(`${label} ${error.message} ${terminal.style("dim", `[${error.code}]`)}`);
  if (place !== "") terminal.line(`  ${terminal.style("cyan", "at")} ${place}`);
  if (error.hint !== undefined) terminal.line(`  ${terminal.style("cyan", "hint")} ${error.hint}`);
}
