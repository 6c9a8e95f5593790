import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BuildEnvironment } from "../environment/environment.ts";
import { quoteForShell, type StateFiles } from "./shell-command.ts";

/**
 * `codebuild-breakpoint` and `codebuild-resume` are programs on PATH, so that they work in the middle of a command and in a
 * script that it calls. The first tells its directory and variables by file and waits until the second, or whoever attends
 * the build, says go. In a build without a debug session both do nothing, as on AWS.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/session-manager.html
 *
 *     TMP/debug/state        empty, "waiting" or "resumed"
 *     TMP/debug/env.sh, TMP/debug/dir.txt
 */
/** Where a build waits, for a shell at that point. */
export const breakpointState: StateFiles = { variables: "debug/env.sh", directory: "debug/dir.txt" };
const stateFile = "debug/state";

/** Files that a build's commands write, whoever runs them. */
export const debugFiles = [stateFile, breakpointState.variables, breakpointState.directory];

const pollInterval = 50;

/** Both programs, and the files that they write. */
export function debugPrograms(environment: BuildEnvironment, isEnabled: boolean): Record<string, string> {
  const local = (name: string) => join(environment.local.temporaryDirectory, name);
  const inside = (name: string) => quoteForShell(`${environment.temporaryDirectory}/${name}`);
  const script = (body: string) => `#!/bin/sh\n${body}\n`;
  if (!isEnabled) return { "codebuild-breakpoint": script("exit 0"), "codebuild-resume": script("exit 0") };
  mkdirSync(local("debug"), { mode: 0o755 });
  for (const name of debugFiles) writeFileSync(local(name), "", { mode: 0o600 });
  const state = inside(stateFile);
  return {
    "codebuild-breakpoint": script(`export -p > ${inside(breakpointState.variables)}
pwd > ${inside(breakpointState.directory)}
echo waiting > ${state}
while [ "$(cat ${state})" = waiting ]; do sleep 0.1; done`),
    "codebuild-resume": script(`echo resumed > ${state}`),
  };
}

/** Calls `onBreakpoint` each time a command waits at a breakpoint, until the command has ended; then it goes on. */
export async function watchBreakpoints<Result>(
  environment: BuildEnvironment,
  command: Promise<Result>,
  onBreakpoint: (resumed: AbortSignal) => Promise<void>,
): Promise<Result> {
  const file = join(environment.local.temporaryDirectory, stateFile);
  const isWaiting = () => readFileSync(file, "utf8").trim() === "waiting";
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  const over = command.then(end, end);
  while (!isOver) {
    await Promise.race([over, delay(pollInterval, undefined, { ref: false })]);
    if (isOver || !isWaiting()) continue;
    // It may be resumed from another shell as well, or end while it waits.
    const resumed = new AbortController();
    const attended = onBreakpoint(resumed.signal).then(() => writeFileSync(file, "resumed\n"));
    while (!isOver && isWaiting()) await Promise.race([over, attended, delay(pollInterval, undefined, { ref: false })]);
    resumed.abort();
    await attended;
  }
  return command;
}
