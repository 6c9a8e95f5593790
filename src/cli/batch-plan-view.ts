import { type PlannedBuild, planBatch } from "../services/codebuild/batch/plan-batch.ts";
import { UsageError } from "../usage-error.ts";
import { type BuildPlan, printBuildPlan } from "./build-plan-view.ts";
import { type PlannedBuildspec, readPlannedBuildspec, withPlace } from "./planned-buildspec.ts";
import type { Terminal } from "./terminal.ts";

/** A build of a batch with the buildspec that it would run. */
export interface PlannedBatchBuild extends PlannedBuild {
  planned: PlannedBuildspec;
}

/**
 * All builds of a batch, each with its own buildspec where it names one. Throws UsageError BUILDSPEC_INVALID and
 * CONFIG_BUILDSPEC for what DOWNLOAD_BATCHSPEC, or the build, would be refused for.
 */
export function planBatchBuilds(
  planned: PlannedBuildspec,
  directories: { sourceDirectory: string; currentDirectory: string },
): PlannedBatchBuild[] {
  const { batch } = planned.buildspec;
  if (batch === undefined) {
    throw new UsageError("BUILDSPEC_INVALID", "the buildspec has no batch", {
      ...{ file: planned.name, hint: "leave out --batch, or give another buildspec with --buildspec FILE" },
    });
  }
  return withPlace(planned.name, () => planBatch(batch)).map((build) => ({
    ...build,
    planned:
      build.buildspec === undefined
        ? planned
        : readPlannedBuildspec({ ...directories, file: undefined, projectBuildspec: build.buildspec }),
  }));
}

/** Every build with what it overrides, then each buildspec's commands once. */
export function printBatchPlan(terminal: Terminal, builds: readonly PlannedBatchBuild[], plan: BuildPlan): void {
  const width = Math.max(...builds.map(({ identifier }) => identifier.length));
  terminal.line(terminal.style("bold", `${builds.length} builds`));
  for (const build of builds) {
    const details = describe(build).join(", ");
    terminal.line(`  ${build.identifier.padEnd(width)}  ${terminal.style("dim", details)}`.trimEnd());
  }
  const buildspecs = new Map(builds.map(({ planned }) => [planned.name, planned]));
  for (const planned of buildspecs.values()) {
    terminal.line();
    printBuildPlan(terminal, { project: plan.project, planned });
  }
}

/** Values of variables are not shown. */
function describe({ buildspec, environment, dependsOn, ignoreFailure, shard }: PlannedBuild): string[] {
  const { variables, image, computeType, type, privilegedMode } = environment;
  const names = Object.keys(variables);
  return [
    dependsOn.length === 0 ? "" : `after ${dependsOn.join(", ")}`,
    buildspec === undefined || buildspec.includes("\n") ? "" : buildspec,
    ...[image, computeType, type],
    privilegedMode === true ? "privileged" : "",
    names.length === 0 ? "" : `sets ${names.join(", ")}`,
    shard === undefined ? "" : `share ${shard.index} of ${shard.count}`,
    ignoreFailure ? "failure is ignored" : "",
  ].filter((part): part is string => part !== undefined && part !== "");
}
