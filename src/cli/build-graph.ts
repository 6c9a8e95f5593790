import { type BatchPlan, type BatchTask, phaseNames } from "../buildspec/buildspec.ts";
import type { PlannedBuildspec } from "./planned-buildspec.ts";
import type { Terminal } from "./terminal.ts";

/** The builds of a batch, each below what it waits for; of a single build the phases. */
export function printBuildGraph(terminal: Terminal, { name, buildspec }: PlannedBuildspec): void {
  const { batch } = buildspec;
  terminal.line(terminal.style("bold", name));
  if (batch === undefined) return printPhases(terminal, buildspec.phases);
  if (batch.fastFail) terminal.line(terminal.style("dim", "  fast-fail: the first failure stops the others"));
  for (const line of graphLines(batch.plan)) terminal.line(`  ${line}`);
}

function printPhases(terminal: Terminal, phases: PlannedBuildspec["buildspec"]["phases"]): void {
  const ends = { install: "ends the build", pre_build: "ends the build", build: "goes on", post_build: "goes on" };
  for (const phaseName of phaseNames) {
    const phase = phases[phaseName];
    const number = phase?.commands.length ?? 0;
    const action = phase?.onFailure?.action;
    const failure = action === undefined ? ends[phaseName] : action.toLowerCase();
    terminal.line(
      `  ${phaseName.padEnd(11)}${String(number).padStart(3)} commands  ${terminal.style("dim", `failure: ${failure}`)}`,
    );
  }
}

function graphLines(plan: BatchPlan): string[] {
  if (plan.kind === "fanout") return [`${plan.parallelism} builds of the same, side by side`];
  if (plan.kind === "matrix") {
    const { buildspecs, computeTypes, images, types, variables } = plan.matrix;
    const axes = { buildspec: buildspecs, "compute-type": computeTypes, image: images, type: types, ...variables };
    const given = Object.entries(axes).filter(([, values]) => values.length > 0);
    const builds = given.reduce((product, [, values]) => product * values.length, 1);
    return [`${builds} builds, side by side`, ...given.map(([axis, values]) => `${axis}: ${values.join(" × ")}`)];
  }
  if (plan.kind === "list") return plan.tasks.map(({ identifier }) => identifier);
  const roots = plan.tasks.filter(({ dependOn }) => dependOn.length === 0);
  return roots.flatMap((task) => taskLines(task, plan.tasks, "", new Set()));
}

/** A task stands below each that it waits for; its own followers are drawn once. */
function taskLines(task: BatchTask, all: readonly BatchTask[], indent: string, drawn: Set<string>): string[] {
  const waits = task.dependOn.length > 1 ? `  (waits for ${task.dependOn.join(", ")})` : "";
  const head = `${indent}${indent === "" ? "" : "└ "}${task.identifier}${waits}`;
  if (drawn.has(task.identifier)) return [head];
  drawn.add(task.identifier);
  const followers = all.filter(({ dependOn }) => dependOn.includes(task.identifier));
  return [head, ...followers.flatMap((follower) => taskLines(follower, all, `${indent}  `, drawn))];
}
