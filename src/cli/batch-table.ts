import type { BatchResult, BuildResult } from "../server/run-result.ts";
import { describeFailure } from "./failure-cause.ts";
import { cutAt, type Terminal } from "./terminal.ts";

type Group = BatchResult["groups"][number];

/** A line for each build group, in the order of the buildspec: how it ended, how long it took and why it failed. */
export function printBatchTable(terminal: Terminal, { groups }: BatchResult, builds: readonly BuildResult[]): void {
  const width = Math.max(...groups.map(({ identifier }) => identifier.length));
  for (const group of groups) {
    const build = builds.find(({ id }) => id === group.build);
    const columns = [
      (group.status ?? "not built").padEnd(9),
      durationOf(build).padStart(9),
      ` ${reasonOf(group, build)}`,
    ];
    const text = columns.join(" ").trimEnd();
    // A file or a pipe gets whole lines.
    const shown = terminal.interactive ? cutAt(terminal.columns - width - 6, text) : text;
    const line = `${group.identifier.padEnd(width)}  ${terminal.style("dim", shown)}`;
    terminal.line(`  ${markOf(terminal, group)} ${line}`);
  }
}

function markOf(terminal: Terminal, { status, ignoreFailure }: Group): string {
  if (status === "SUCCEEDED") return terminal.style("green", "✓");
  if (status === undefined || status === "STOPPED") return terminal.style("dim", "·");
  return ignoreFailure ? terminal.style("yellow", "!") : terminal.style("red", "✗");
}

function durationOf(build: BuildResult | undefined): string {
  if (build === undefined) return "";
  const seconds = build.phases.reduce((sum, { durationInSeconds = 0 }) => sum + durationInSeconds, 0);
  return `${seconds.toFixed(1)} s`;
}

function reasonOf({ dependsOn, ignoreFailure }: Group, build: BuildResult | undefined): string {
  if (build === undefined) return dependsOn.length === 0 ? "" : `depends on ${dependsOn.join(", ")}`;
  const good = new Set(["SUCCEEDED", "STOPPED", undefined]);
  const failed = build.phases.find(({ phaseStatus }) => !good.has(phaseStatus));
  if (failed === undefined) return "";
  return `${describeFailure(failed)}${ignoreFailure ? ", ignored" : ""}`;
}
