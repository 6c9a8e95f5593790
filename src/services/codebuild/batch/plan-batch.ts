import {
  type BatchBlock,
  type BatchEnvironment,
  type BatchMatrix,
  type BatchTask,
  BuildspecError,
} from "../../../buildspec/buildspec.ts";

/** How many builds a batch may have: AWS's quota. */
export const mostBatchBuilds = 100;

/** One build of a batch. */
export interface PlannedBuild {
  identifier: string;
  dependsOn: string[];
  ignoreFailure: boolean;
  /** A path in the source, or a whole buildspec; undefined for the one that holds the batch. */
  buildspec?: string;
  environment: BatchEnvironment;
  debugSession?: boolean;
  /** Of a fan-out, from 1. */
  shard?: { index: number; count: number };
}

/**
 * All builds of a batch. Throws BuildspecError, with the task's line, for two tasks of one name, a dependency on none, and
 * a circle. https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
 */
export function planBatch({ plan }: BatchBlock): PlannedBuild[] {
  switch (plan.kind) {
    case "fanout":
      return planFanout(plan);
    case "matrix":
      return planMatrix(plan.matrix);
    default:
      checkTasks(plan.tasks);
      return plan.tasks.map(({ identifier, dependOn, ignoreFailure, buildspec, environment, debugSession }) => ({
        ...{ identifier, ignoreFailure, environment },
        dependsOn: dependOn,
        ...(buildspec === undefined ? {} : { buildspec }),
        ...(debugSession && { debugSession }),
      }));
  }
}

/** What AWS names the builds of a fan-out and of a matrix is not documented: they are numbered. */
function planFanout({ parallelism, ignoreFailure }: { parallelism: number; ignoreFailure: boolean }): PlannedBuild[] {
  if (parallelism === 0) throw new BuildspecError("parallelism of build-fanout must be greater than 0");
  return Array.from({ length: parallelism }, (_, index) => ({
    identifier: `build${index + 1}`,
    dependsOn: [],
    ignoreFailure,
    environment: { variables: {} },
    shard: { index: index + 1, count: parallelism },
  }));
}

/** Every combination of the dynamic lists; what they say wins over the static part. */
function planMatrix(matrix: BatchMatrix): PlannedBuild[] {
  const { environment, ignoreFailure } = matrix;
  const axes = [
    axis(matrix.buildspecs, (buildspec) => ({ buildspec })),
    axis(matrix.computeTypes, (computeType) => ({ environment: { computeType } })),
    axis(matrix.images, (image) => ({ environment: { image } })),
    axis(matrix.types, (type) => ({ environment: { type } })),
    ...Object.entries(matrix.variables).map(([name, values]) =>
      axis(values, (value) => ({ variables: { [name]: value } })),
    ),
  ];
  const combinations = axes.reduce<Choice[]>(
    (before, choices) => before.flatMap((one) => choices.map((choice) => combine(one, choice))),
    [{}],
  );
  return combinations.map((choice, index) => ({
    identifier: `build${index + 1}`,
    dependsOn: [],
    ignoreFailure,
    ...(choice.buildspec === undefined ? {} : { buildspec: choice.buildspec }),
    environment: {
      ...environment,
      ...choice.environment,
      variables: { ...environment.variables, ...choice.variables },
    },
  }));
}

interface Choice {
  buildspec?: string;
  environment?: Omit<BatchEnvironment, "variables">;
  variables?: Record<string, string>;
}

function axis(values: readonly string[], choose: (value: string) => Choice): Choice[] {
  return values.length === 0 ? [{}] : values.map(choose);
}

function combine(one: Choice, other: Choice): Choice {
  return {
    ...one,
    ...other,
    environment: { ...one.environment, ...other.environment },
    variables: { ...one.variables, ...other.variables },
  };
}

function checkTasks(tasks: readonly BatchTask[]): void {
  if (tasks.length === 0) throw new BuildspecError("the batch has no tasks");
  const byName = new Map<string, BatchTask>();
  for (const task of tasks) {
    const { identifier } = task;
    // That dashes are refused is known from users of AWS, the length from the identifiers of sources.
    if (!/^\w{1,128}$/.test(identifier)) {
      throw refusal(task, `invalid identifier ${identifier}`, "letters, digits and _, 128 of them at the most");
    }
    if (byName.has(identifier)) throw refusal(task, `duplicate identifier ${identifier}`);
    if (task.environment.computeType !== undefined && task.environment.fleet !== undefined) {
      throw refusal(task, `${identifier} has both compute-type and fleet`);
    }
    byName.set(identifier, task);
  }
  for (const task of tasks) {
    const unknown = task.dependOn.find((name) => !byName.has(name));
    if (unknown !== undefined) {
      throw refusal(task, `${task.identifier} depends on ${unknown}, which is not in the batch`);
    }
  }
  const circle = findCircle(tasks, byName);
  if (circle !== undefined) {
    throw refusal(byName.get(circle[0] as string), `circular dependency: ${circle.join(" -> ")}`);
  }
}

/** The names of a circle, the first at its end once more. Without recursion: a graph may be a long chain. */
function findCircle(tasks: readonly BatchTask[], byName: ReadonlyMap<string, BatchTask>): string[] | undefined {
  const done = new Set<string>();
  for (const { identifier } of tasks) {
    const way = [{ name: identifier, left: [...(byName.get(identifier)?.dependOn ?? [])] }];
    const onWay = new Set([identifier]);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const next = top.left.shift();
      if (next === undefined) {
        done.add(top.name);
        onWay.delete(top.name);
        way.pop();
      } else if (onWay.has(next)) {
        const names = way.map(({ name }) => name);
        return [...names.slice(names.indexOf(next)), next];
      } else if (!done.has(next)) {
        onWay.add(next);
        way.push({ name: next, left: [...(byName.get(next)?.dependOn ?? [])] });
      }
    }
  }
  return undefined;
}

function refusal(task: BatchTask | undefined, message: string, hint?: string): BuildspecError {
  return new BuildspecError(message, {
    ...(task?.line === undefined ? {} : { line: task.line }),
    ...(hint === undefined ? {} : { hint }),
  });
}
