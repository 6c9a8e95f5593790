import { usualBound } from "../docker-hub/forecast/safe-builds.ts";
import type { Terminal } from "./terminal.ts";

/** A line of the chart: what it is for, and the chance from 0 to 1. */
export interface ChartRow {
  label: string;
  chance: number;
  /** The reader's own. */
  marked?: boolean;
}

const widestBar = 50;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** One bar a row, as wide as the terminal allows. Plain ASCII where `unicode` is false. */
export function printForecastChart(
  terminal: Terminal,
  heading: string,
  rows: readonly ChartRow[],
  unicode: boolean,
): void {
  const labelWidth = Math.max(...rows.map(({ label }) => label.length));
  const width = Math.min(widestBar, terminal.columns - labelWidth - 14);
  terminal.line(terminal.style("dim", heading));
  for (const { label, chance, marked = false } of rows) {
    const bar = width < 4 ? "" : ` ${(unicode ? blockBar(chance, width) : asciiBar(chance, width)).padEnd(width)}`;
    const mark = marked ? (unicode ? " ◂" : " <") : "";
    const colour = chance <= usualBound ? "green" : chance <= 0.1 ? "yellow" : "red";
    const text = `  ${label.padStart(labelWidth)}${terminal.style(colour, bar)} ${formatChance(chance).padStart(7)}${mark}`;
    terminal.line(marked ? terminal.style("bold", text) : text);
  }
}

/** Whether the terminal's character set has block characters. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
export function isUnicodeTerminal(variables: Record<string, string | undefined>): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = variables;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}

/** Never 0 % or 100 %: what a double rounds to them is only near. */
export function formatChance(chance: number): string {
  if (chance < 0.0005) return "<0.1 %";
  if (chance >= 0.9995) return ">99.9 %";
  return `${(100 * chance).toFixed(1)} %`;
}

function blockBar(chance: number, width: number): string {
  const parts = Math.round(chance * width * 8);
  return "█".repeat(parts >> 3) + (eighths[parts & 7] ?? "");
}

function asciiBar(chance: number, width: number): string {
  return "#".repeat(Math.round(chance * width));
}
