import type { ObservedBatch, ObservedBuild, ObservedPhase, ObservedTask } from "../server/run-observer.ts";
import { type CommandOutput, openCommandOutput } from "./command-output.ts";
import { openFailedOutput } from "./failed-output.ts";
import { describeFailure } from "./failure-cause.ts";

/** What is known of the builds of a batch while they run. */
export interface BatchTasks {
  onBatchChange(batch: ObservedBatch): void;
  onPhase(phase: ObservedPhase, build: ObservedBuild): void;
  /** Whole lines. */
  onLine(line: string, build: ObservedBuild): void;
  batchId(): string | undefined;
  list(): readonly BatchTask[];
  find(buildId: string): BatchTask | undefined;
}

export interface BatchTask extends ObservedTask {
  buildId?: string;
  phaseType?: string;
  /** Milliseconds, of `performance.now`. */
  started?: number;
  ended?: number;
  /** Why the first phase that went wrong did: `BUILD: npm test (exit status 1)`. */
  failure?: string;
  output: CommandOutput;
  /** The last that the failed command said. */
  findFailedOutput(): string | undefined;
}

type KnownTask = BatchTask & { onFailedLine(line: string): void };

export function openBatchTasks(): BatchTasks {
  let id: string | undefined;
  const tasks = new Map<string, KnownTask>();
  const of = ({ task = "" }: ObservedBuild) => tasks.get(task);
  return {
    batchId: () => id,
    list: () => [...tasks.values()],
    find: (buildId) => [...tasks.values()].find((task) => task.buildId === buildId),
    onBatchChange(batch) {
      id = batch.id;
      for (const observed of batch.tasks) {
        const { identifier } = observed;
        tasks.set(identifier, { ...(tasks.get(identifier) ?? newTask(observed)), ...observed });
      }
    },
    onPhase({ phaseType, phaseStatus, contexts }, build) {
      const task = of(build);
      if (task === undefined) return;
      task.buildId = build.id;
      task.started ??= performance.now();
      if (phaseType === "COMPLETED") task.ended = performance.now();
      else if (phaseStatus === undefined) {
        task.phaseType = phaseType;
        task.output.begin();
      } else if (phaseStatus !== "SUCCEEDED" && phaseStatus !== "STOPPED") {
        task.failure ??= describeFailure({ phaseType, contexts });
      }
    },
    onLine(line, build) {
      const task = of(build);
      task?.output.onLine(line);
      task?.onFailedLine(line);
    },
  };
}

function newTask(observed: ObservedTask): KnownTask {
  const failed = openFailedOutput();
  return { ...observed, output: openCommandOutput(), findFailedOutput: failed.find, onFailedLine: failed.onLine };
}
