import { join } from "node:path";
import { type FoldedView, openFoldedView } from "./folded-view.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { openRunView, type RunView } from "./run-view.ts";
import { shownPath } from "./shown-path.ts";
import type { Terminal } from "./terminal.ts";

/** Shows builds, one after the other, and keeps each one's whole log in a file. */
export interface BuildView extends RunView {
  /** Phases are shown as they end. */
  isFolded: boolean;
  /** Of a batch's build: its identifier. */
  taskOf(buildId: string): string | undefined;
  /** Leaves the terminal to somebody else until the work is done. */
  suspend<T>(work: () => Promise<T>): Promise<T>;
  /** Between two builds of `--watch`. */
  restart(): void;
  /** The build has ended: what is folded and of interest comes out. */
  conclude(): void;
  close(): void;
}

export interface BuildViewOptions {
  /** `folded` or `full`; folded where a person watches. */
  kind: string | undefined;
  /** State directory: logs lie in `logs/PROJECT-UUID.log`. */
  root: string;
  currentDirectory: string;
}

export function openBuildView(terminal: Terminal, { kind, root, currentDirectory }: BuildViewOptions): BuildView {
  const isFolded = kind === "folded" || (kind === undefined && terminal.interactive);
  const open = () => (isFolded ? openFoldedView(terminal) : openFullView(terminal));
  let view = open();
  let log: LogFile | undefined;
  let logFile: string | undefined;
  return {
    isFolded,
    taskOf: () => undefined,
    onNote: (text) => view.onNote(text),
    onStackStart: (stackName, file) => view.onStackStart(stackName, file),
    onStackEvent: (event) => view.onStackEvent(event),
    onBuildStart(build) {
      log?.close();
      logFile = join(root, "logs", `${build.id.replace(":", "-")}.log`);
      log = openLogFile(logFile);
      view.onBuildStart(build);
    },
    onPhase: (phase, build) => view.onPhase(phase, build),
    onLog(text, build) {
      log?.write(text);
      view.onLog(text, build);
    },
    findFailedOutput: () => view.findFailedOutput(),
    suspend: (work) => view.suspend(work),
    restart() {
      log?.close();
      view = open();
    },
    conclude() {
      view.conclude();
      if (!isFolded || logFile === undefined) return;
      terminal.line(terminal.style("dim", `whole log: ${shownPath(logFile, currentDirectory)}`));
    },
    close: () => void log?.close(),
  };
}

/** The whole log needs no screen of its own. */
function openFullView(terminal: Terminal): FoldedView {
  return { ...openRunView(terminal), suspend: (work) => work(), conclude: () => undefined };
}
