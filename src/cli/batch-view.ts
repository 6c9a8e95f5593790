import { join } from "node:path";
import type { ObservedBuild } from "../server/run-observer.ts";
import { type BatchTasks, openBatchTasks } from "./batch-tasks.ts";
import { openBatchWindow } from "./batch-window.ts";
import type { BuildView, BuildViewOptions } from "./build-view.ts";
import { type LineReader, openLineReader } from "./line-reader.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { colourLogLine, openRunView } from "./run-view.ts";
import { shownPath } from "./shown-path.ts";
import type { Terminal } from "./terminal.ts";

/** Shows the builds of a batch side by side, and keeps the log of each in `logs/PROJECT-UUID/TASK.log`. */
export function openBatchView(terminal: Terminal, { kind, root, currentDirectory }: BuildViewOptions): BuildView {
  const isFolded = kind === "folded" || (kind === undefined && terminal.interactive);
  const plain = openRunView(terminal);
  let tasks = openBatchTasks();
  const openScreen = () => (isFolded ? openBatchWindow(terminal, tasks) : openPrefixedLines(terminal, tasks));
  let screen = openScreen();
  let logs = openTaskLogs(root);
  const lines = new Map<string, LineReader>();
  const common = new Set<string>();
  return {
    isFolded,
    onNote(text, build) {
      const task = build === undefined ? undefined : tasks.find(build.id);
      // Most builds of a batch have the same environment; it is told once.
      const isCommon = task?.phaseType === "PROVISIONING";
      if (isCommon && common.has(text)) return;
      if (isCommon) common.add(text);
      const told = isCommon || task === undefined ? text : `${task.identifier}: ${text}`;
      screen.above(() => plain.onNote(told));
    },
    onStackStart: plain.onStackStart,
    onStackEvent: plain.onStackEvent,
    onBatchChange(batch) {
      if (tasks.batchId() === undefined) screen.above(() => terminal.line(terminal.style("bold", `Batch ${batch.id}`)));
      tasks.onBatchChange(batch);
      screen.start();
    },
    onBuildStart: () => undefined,
    onPhase(phase, build) {
      tasks.onPhase(phase, build);
      if (phase.phaseType !== "COMPLETED") return;
      lines.delete(build.id);
      screen.onEnd(build);
    },
    onLog(text, build) {
      logs.write(text, build, tasks.batchId() ?? "batch");
      const reader = lines.get(build.id) ?? openLineReader();
      lines.set(build.id, reader);
      for (const line of reader(text)) {
        tasks.onLine(line, build);
        screen.onLine(line, build);
      }
    },
    findFailedOutput: (buildId) => tasks.find(buildId ?? "")?.findFailedOutput(),
    taskOf: (buildId) => tasks.find(buildId)?.identifier,
    suspend: (work) => screen.suspend(work),
    restart() {
      logs.close();
      screen.stop();
      tasks = openBatchTasks();
      screen = openScreen();
      common.clear();
      logs = openTaskLogs(root);
    },
    conclude() {
      screen.stop();
      if (isFolded) printFailures(terminal, tasks);
      const directory = logs.directory();
      if (isFolded && directory !== undefined) {
        terminal.line(terminal.style("dim", `whole logs: ${shownPath(directory, currentDirectory)}`));
      }
    },
    close() {
      screen.stop();
      logs.close();
    },
  };
}

function printFailures(terminal: Terminal, tasks: BatchTasks): void {
  for (const { identifier, output, ignoreFailure } of tasks.list()) {
    const failed = output.failed();
    if (failed.length === 0 || ignoreFailure) continue;
    terminal.line(terminal.style("bold", identifier));
    for (const line of failed) terminal.line(`    ${line}`);
  }
}

export interface BatchScreen {
  start(): void;
  stop(): void;
  above(write: () => void): void;
  onLine(line: string, build: ObservedBuild): void;
  onEnd(build: ObservedBuild): void;
  suspend<T>(work: () => Promise<T>): Promise<T>;
}

/** The whole log of every build, each line with its task's name before it. */
function openPrefixedLines(terminal: Terminal, tasks: BatchTasks): BatchScreen {
  const width = () => Math.max(...tasks.list().map(({ identifier }) => identifier.length));
  return {
    start: () => undefined,
    stop: () => undefined,
    above: (write) => write(),
    onLine: (line, { task = "" }) =>
      terminal.line(`${task.padEnd(width())} ${terminal.style("dim", "|")} ${colourLogLine(terminal, line)}`),
    onEnd: () => undefined,
    suspend: (work) => work(),
  };
}

/** One file a build; a build of another batch has another directory. */
function openTaskLogs(root: string) {
  const files = new Map<string, LogFile>();
  let directory: string | undefined;
  return {
    directory: () => directory,
    write(text: string, { id, task = "build" }: ObservedBuild, batchId: string) {
      let file = files.get(id);
      if (file === undefined) {
        directory = join(root, "logs", batchId.replace(":", "-"));
        file = openLogFile(join(directory, `${task}.log`));
        files.set(id, file);
      }
      file.write(text);
    },
    close() {
      for (const file of files.values()) file.close();
    },
  };
}
