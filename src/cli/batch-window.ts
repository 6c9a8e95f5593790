import type { BatchTask, BatchTasks } from "./batch-tasks.ts";
import type { BatchScreen } from "./batch-view.ts";
import { openLiveWindow } from "./live-window.ts";
import { cutAt, type Terminal } from "./terminal.ts";

/** Lines of the window; what does not fit is counted. */
const mostLines = 20;

/**
 * A line for each build that has ended, and below it a window with those that run and wait:
 *
 *     ✓ lint        1.2 s   4 commands, 20 lines
 *     ▸ unit        4.0 s   BUILD: npm test
 *         ok 12 - parses dates
 *     · deploy              waits for unit
 */
export function openBatchWindow(terminal: Terminal, tasks: BatchTasks): BatchScreen {
  const window = openLiveWindow(terminal, () => windowLines(terminal, tasks.list()));
  let turn: Promise<unknown> = Promise.resolve();
  return {
    start: window.start,
    stop: window.stop,
    above: window.above,
    onLine: () => undefined,
    onEnd({ id }) {
      const task = tasks.find(id);
      if (task !== undefined) window.above(() => terminal.line(endLine(terminal, task, tasks.list())));
    },
    // Several builds may come to a breakpoint at once: one has the terminal after the other.
    suspend(work) {
      const done = turn.then(() => window.suspend(work));
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

function windowLines(terminal: Terminal, tasks: readonly BatchTask[]): string[] {
  const running = tasks.filter(({ started, ended }) => started !== undefined && ended === undefined);
  const waiting = tasks.filter(({ started }) => started === undefined);
  // Where there is room, each that runs has its last line below it.
  const isRoomy = 2 * running.length + waiting.length <= mostLines;
  const lines = [
    ...running.flatMap((task) => runningLines(terminal, task, tasks).slice(0, isRoomy ? 2 : 1)),
    ...waiting.map((task) => taskLine(terminal, { task, tasks, mark: "·", detail: waitsFor(task, tasks) })),
  ];
  if (lines.length <= mostLines) return lines;
  const left = lines.length - mostLines + 1;
  return [...lines.slice(0, mostLines - 1), terminal.style("dim", `… and ${left} more`)];
}

function runningLines(terminal: Terminal, task: BatchTask, tasks: readonly BatchTask[]): string[] {
  const { phaseType = "", output } = task;
  const command = output.command();
  const isQueued = phaseType === "QUEUED";
  const detail = isQueued ? "queued" : [phaseType, command].filter((part) => part !== "").join(": ");
  const mark = isQueued ? "·" : terminal.style("cyan", "▸");
  const last = output.last(1).map((line) => `    ${terminal.style("dim", cutAt(terminal.columns - 4, line))}`);
  return [taskLine(terminal, { task, tasks, mark, detail }), ...last];
}

function waitsFor({ dependsOn }: BatchTask, tasks: readonly BatchTask[]): string {
  const awaited = tasks.filter(({ identifier }) => dependsOn.includes(identifier));
  const failed = awaited.filter(({ failure, ignoreFailure }) => failure !== undefined && !ignoreFailure);
  if (failed.length > 0) return `not built: ${failed.map(({ identifier }) => identifier).join(", ")} failed`;
  const left = awaited.filter(({ ended }) => ended === undefined).map(({ identifier }) => identifier);
  return left.length === 0 ? "" : `waits for ${left.join(", ")}`;
}

function endLine(terminal: Terminal, task: BatchTask, tasks: readonly BatchTask[]): string {
  const { failure, output, ignoreFailure } = task;
  if (failure !== undefined) {
    const mark = ignoreFailure ? terminal.style("yellow", "!") : terminal.style("red", "✗");
    return taskLine(terminal, { task, tasks, mark, detail: `${failure}${ignoreFailure ? ", ignored" : ""}` });
  }
  const isStopped = task.status === "STOPPED" || task.phaseType !== "FINALIZING";
  if (isStopped) return taskLine(terminal, { task, tasks, mark: terminal.style("yellow", "■"), detail: "stopped" });
  return taskLine(terminal, { task, tasks, mark: terminal.style("green", "✓"), detail: output.total() });
}

interface TaskLine {
  task: BatchTask;
  tasks: readonly BatchTask[];
  mark: string;
  detail: string;
}

function taskLine(terminal: Terminal, { task, tasks, mark, detail }: TaskLine): string {
  const { identifier, started, ended = performance.now() } = task;
  const width = Math.min(40, Math.max(...tasks.map((one) => one.identifier.length)));
  const seconds = started === undefined ? "" : `${((ended - started) / 1000).toFixed(1)} s`;
  const rest = cutAt(terminal.columns - width - 3, `${seconds.padStart(8)}   ${detail}`.trimEnd());
  return `${mark} ${identifier.padEnd(width)} ${terminal.style("dim", rest)}`;
}
