import { openCommandOutput } from "./command-output.ts";
import { openFailedOutput } from "./failed-output.ts";
import { openLineReader } from "./line-reader.ts";
import { openLiveWindow } from "./live-window.ts";
import { openRunView, type RunView } from "./run-view.ts";
import type { Terminal } from "./terminal.ts";

export interface FoldedView extends RunView {
  /** Draws nothing until the work is done. */
  suspend<T>(work: () => Promise<T>): Promise<T>;
  /** Shows the last lines of the command that failed. */
  conclude(): void;
}

/** Lines of a phase's output that are seen while it runs. */
const windowLines = 8;

/**
 * A line for each phase that has ended, and below it a window with the last lines of the one that runs:
 *
 *     ✓ INSTALL           1.2 s   3 commands, 211 lines
 *     ▸ BUILD             4.0 s   2 of 5: docker build -t app .
 *         #7 [3/4] RUN npm ci
 */
export function openFoldedView(terminal: Terminal): FoldedView {
  const plain = openRunView(terminal);
  const failed = openFailedOutput();
  const phase = openPhaseText(terminal);
  const window = openLiveWindow(terminal, phase.window);
  const read = openLineReader();
  return {
    findFailedOutput: failed.find,
    onNote: (text) => window.above(() => plain.onNote(text)),
    onStackStart: plain.onStackStart,
    onStackEvent: plain.onStackEvent,
    onBuildStart: (build) => window.above(() => plain.onBuildStart(build)),
    onPhase({ phaseType, phaseStatus }) {
      if (phaseStatus === undefined && phaseType !== "COMPLETED") {
        phase.begin(phaseType);
        window.start();
        return;
      }
      window.stop();
      if (phaseStatus !== undefined) phase.end(phaseType, phaseStatus);
    },
    onLog(text) {
      for (const line of read(text)) {
        failed.onLine(line);
        phase.onLine(line);
      }
    },
    suspend: window.suspend,
    conclude() {
      for (const line of phase.failedLines()) terminal.line(`    ${line}`);
    },
  };
}

interface PhaseText {
  begin(phaseType: string): void;
  onLine(line: string): void;
  /** Prints the phase's one line, where there is something to say of it. */
  end(phaseType: string, status: string): void;
  window(): string[];
  failedLines(): readonly string[];
}

/** What there is to say of the phase that runs. */
function openPhaseText(terminal: Terminal): PhaseText {
  const output = openCommandOutput();
  let name = "";
  let started = 0;
  const head = (mark: string, detail: string) => {
    const seconds = `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
    return `${mark} ${name.padEnd(16)}${terminal.style("dim", `${seconds}   ${detail}`)}`;
  };
  return {
    begin(phaseType) {
      [name, started] = [phaseType, performance.now()];
      output.begin();
    },
    onLine: output.onLine,
    end(phaseType, status) {
      const isGood = status === "SUCCEEDED";
      // One that was never seen to begin took no time.
      if (phaseType !== name || (isGood && phaseType === "FINALIZING")) return;
      const mark = isGood ? terminal.style("green", "✓") : terminal.style("red", "✗");
      terminal.line(head(mark, output.count()).trimEnd());
    },
    window() {
      const shown = output.last(windowLines).map((line) => `    ${terminal.style("dim", line)}`);
      return [head(terminal.style("cyan", "▸"), output.command()), ...shown];
    },
    failedLines: output.failed,
  };
}
