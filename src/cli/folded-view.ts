import { stripVTControlCharacters } from "node:util";
import { openFailedOutput } from "./failed-output.ts";
import { openRunView, type RunView } from "./run-view.ts";
import type { Terminal } from "./terminal.ts";

export interface FoldedView extends RunView {
  /** Draws nothing until the work is done. */
  suspend<T>(work: () => Promise<T>): Promise<T>;
  /** Shows the last lines of the command that failed. */
  conclude(): void;
}

/** Lines of a phase's output that are seen while it runs, and those of a failed command that stay. */
const windowLines = 8;
const failedLines = 25;

/** Milliseconds between two drawings. */
const redrawInterval = 80;

const eraseBelow = "\x1b[J";
/** Lines that are too long are cut at the edge instead of wrapped, so that the window's height is its number of lines. */
const [wrapOff, wrapOn] = ["\x1b[?7l", "\x1b[?7h"];

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
  const { erase, show } = openWindow(terminal);
  let timer: NodeJS.Timeout | undefined;
  let isSuspended = false;
  let begun = "";
  const draw = () => {
    if (!isSuspended) show(phase.window());
  };
  const above = (write: () => void) => {
    erase();
    write();
    if (timer !== undefined) draw();
  };
  return {
    findFailedOutput: failed.find,
    onNote: (text) => above(() => plain.onNote(text)),
    onStackStart: plain.onStackStart,
    onStackEvent: plain.onStackEvent,
    onBuildStart: (build) => above(() => plain.onBuildStart(build)),
    onPhase({ phaseType, phaseStatus }) {
      if (phaseStatus === undefined && phaseType !== "COMPLETED") {
        phase.begin(phaseType);
        timer ??= setInterval(draw, redrawInterval);
        return;
      }
      clearInterval(timer);
      timer = undefined;
      erase();
      if (phaseStatus !== undefined) phase.end(phaseType, phaseStatus);
    },
    onLog(text) {
      const lines = (begun + text).split("\n");
      begun = lines.pop() as string;
      for (const line of lines) {
        failed.onLine(line);
        phase.onLine(line);
      }
    },
    async suspend(work) {
      erase();
      isSuspended = true;
      try {
        return await work();
      } finally {
        isSuspended = false;
      }
    },
    conclude() {
      for (const line of phase.failedLines()) terminal.line(`    ${line}`);
    },
  };
}

/** The last lines of the screen, drawn anew each time. */
function openWindow(terminal: Terminal) {
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) terminal.write(`\x1b[${drawn}A\r${eraseBelow}`);
    drawn = 0;
  };
  const show = (lines: readonly string[]) => {
    erase();
    if (lines.length === 0) return;
    terminal.write(`${wrapOff}${lines.join("\n")}\n${wrapOn}`);
    drawn = lines.length;
  };
  return { erase, show };
}

interface PhaseText {
  begin(phaseType: string): void;
  onLine(line: string): void;
  /** Prints the phase's one line, where there is something to say of it. */
  end(phaseType: string, status: string): void;
  window(): string[];
  failedLines(): string[];
}

/** What there is to say of the phase that runs. */
function openPhaseText(terminal: Terminal): PhaseText {
  let name = "";
  let started = 0;
  let [commands, lines] = [0, 0];
  let command = "";
  let last: string[] = [];
  let ofFailed: string[] = [];
  const head = (mark: string, detail: string) => {
    const seconds = `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
    return `${mark} ${name.padEnd(16)}${terminal.style("dim", `${seconds}   ${detail}`)}`;
  };
  return {
    begin(phaseType) {
      [name, started, commands, lines, command, last] = [phaseType, performance.now(), 0, 0, "", []];
    },
    onLine(line) {
      const [, agent] = /^\[Container\] \S+ \S+ (.*)$/.exec(line) ?? [];
      if (agent?.startsWith("Running command ")) {
        commands++;
        command = agent.slice("Running command ".length);
        last = [];
      } else if (agent?.startsWith("Command did not exit successfully ")) {
        if (ofFailed.length === 0) ofFailed = [`$ ${command}`, ...last];
      } else if (agent === undefined && line !== "") {
        lines++;
        last = [...last, line].slice(-failedLines);
      }
    },
    end(phaseType, status) {
      const isGood = status === "SUCCEEDED";
      // One that was never seen to begin took no time.
      if (phaseType !== name || (isGood && phaseType === "FINALIZING")) return;
      const detail = commands === 0 ? "" : `${count(commands, "command")}, ${count(lines, "line")}`;
      terminal.line(head(isGood ? terminal.style("green", "✓") : terminal.style("red", "✗"), detail).trimEnd());
    },
    window() {
      const shown = last.slice(-windowLines).map((line) => `    ${terminal.style("dim", cleaned(line))}`);
      return [head(terminal.style("cyan", "▸"), cleaned(command)), ...shown];
    },
    failedLines: () => ofFailed,
  };
}

/** Of a progress line that overwrites itself, what is seen in the end; no control characters in the window. */
function cleaned(line: string): string {
  return stripVTControlCharacters(line.split("\r").findLast((part) => part.trim() !== "") ?? "")
    .replaceAll("\t", "  ")
    .split("\n", 1)[0] as string;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
