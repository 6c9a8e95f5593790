import type { Terminal } from "./terminal.ts";

/** Lines at the end of the terminal that are drawn anew all the time, below those that stay. */
export interface LiveWindow {
  /** Draws the lines, again and again, until `stop`. */
  start(): void;
  stop(): void;
  /** Prints lines that stay. */
  above(write: () => void): void;
  /** Draws and prints nothing until the work is done; what came meanwhile is printed then. */
  suspend<T>(work: () => Promise<T>): Promise<T>;
}

/** Milliseconds between two drawings. */
const redrawInterval = 80;

const eraseBelow = "\x1b[J";
/** Lines that are too long are cut at the edge instead of wrapped, so that the window's height is its number of lines. */
const [wrapOff, wrapOn] = ["\x1b[?7l", "\x1b[?7h"];

export function openLiveWindow(terminal: Terminal, lines: () => readonly string[]): LiveWindow {
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let held: (() => void)[] | undefined;
  const erase = () => {
    if (drawn > 0) terminal.write(`\x1b[${drawn}A\r${eraseBelow}`);
    drawn = 0;
  };
  const draw = () => {
    if (held !== undefined) return;
    erase();
    const shown = lines();
    if (shown.length === 0) return;
    terminal.write(`${wrapOff}${shown.join("\n")}\n${wrapOn}`);
    drawn = shown.length;
  };
  return {
    start() {
      timer ??= setInterval(draw, redrawInterval);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      erase();
    },
    above(write) {
      if (held !== undefined) return void held.push(write);
      erase();
      write();
      if (timer !== undefined) draw();
    },
    async suspend(work) {
      erase();
      held = [];
      try {
        return await work();
      } finally {
        const missed = held;
        held = undefined;
        for (const write of missed) write();
      }
    },
  };
}
