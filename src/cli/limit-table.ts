import type { LimitAnswer } from "../gateway/ask-limit.ts";
import type { Terminal } from "./terminal.ts";

/** An identity without a limit is never below; one that nothing was told of is not judged. */
export function isBelow({ remaining }: LimitAnswer, failBelow: number | undefined): boolean {
  return failBelow !== undefined && remaining !== undefined && remaining < failBelow;
}

/** A row for each identity, and below them what a row cannot say. */
export function printLimits(terminal: Terminal, upstream: string, answers: readonly LimitAnswer[]): void {
  const header = ["identity", "left", "window", "charged to", "read"];
  const rows = answers.map((answer) => [
    answer.identity,
    leftOf(answer),
    answer.windowSeconds === undefined ? "-" : formatWindow(answer.windowSeconds),
    answer.source ?? "-",
    new Date(answer.time).toISOString().slice(0, 19).replace("T", " "),
  ]);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  terminal.line(`Pulls left at ${upstream} (times in UTC)`);
  terminal.line(terminal.style("dim", format(header)));
  answers.forEach((answer, index) => {
    const line = format(rows[index] ?? []);
    terminal.line(answer.outcome === "told" || answer.outcome === "unlimited" ? line : terminal.style("red", line));
  });
  for (const note of answers.flatMap(notesOf)) terminal.line(note);
}

function leftOf({ outcome, remaining, limit }: LimitAnswer): string {
  const words = { unlimited: "unlimited", "login-refused": "login refused", "no-credentials": "no credentials" };
  if (outcome === "told") return `${remaining} of ${limit}`;
  return outcome in words ? words[outcome as keyof typeof words] : "not told";
}

function notesOf({ identity, outcome, message, windowSeconds, tokenClaim }: LimitAnswer): string[] {
  if (outcome === "unlimited") return [`${identity}: the answer has no limit headers, so its pulls are not limited.`];
  if (outcome === "login-refused") return [`${identity}: Docker Hub refuses the login: ${message}`];
  if (outcome !== "told") return [`${identity}: ${message}`];
  if (tokenClaim === undefined || windowSeconds === undefined || tokenClaim.windowSeconds === windowSeconds) return [];
  const [answered, claimed] = [formatWindow(windowSeconds), formatWindow(tokenClaim.windowSeconds)];
  return [
    `${identity}: the answer says a window of ${answered}, the token one of ${claimed}; which one is enforced is not known.`,
  ];
}

function formatWindow(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
