import type { BuildJob, BuildStep, ScriptCall } from "../build-job.ts";
import { findComposeFiles } from "./compose-files.ts";
import type { FileFinder } from "./find-file.ts";
import type { PlacedJob, ReadFile } from "./repository.ts";

/** A step with the file that it stands in: the job's own, or a script that the job calls. */
export interface PlacedStep {
  step: BuildStep;
  file: ReadFile;
}

/** Scripts call scripts; a longer chain is a circle, or nobody's to follow. */
const longestChain = 5;

/** The job's steps in the order in which they run, with those of the scripts and recipes that it calls in their places. */
export function stepsOfJob({ file, stepsFile = file, job }: PlacedJob, finder: FileFinder): PlacedStep[] {
  return expand(stepsFile, job, finder, 0);
}

/** The jobs that others run: scripts and recipes that they call, compose files that they start. */
export function calledJobs(jobs: readonly PlacedJob[], finder: FileFinder): ReadonlySet<BuildJob> {
  const called = jobs.flatMap(({ file, stepsFile = file, job }) => {
    const scripts = (job.calls ?? []).map((call) => findCalled(call, stepsFile, finder)?.job);
    const compositions = job.steps.filter((step) => step.kind === "compose");
    const files = compositions.flatMap((step) => findComposeFiles(step, stepsFile, finder));
    return [...scripts, ...files.flatMap(({ extraction }) => extraction.jobs)];
  });
  return new Set(called.filter((job) => job !== undefined));
}

function expand(file: ReadFile, job: BuildJob, finder: FileFinder, depth: number): PlacedStep[] {
  const steps: PlacedStep[] = [];
  const calls = depth < longestChain ? (job.calls ?? []) : [];
  for (let index = 0; index <= job.steps.length; index++) {
    for (const call of calls.filter(({ stepsBefore }) => stepsBefore === index)) {
      const called = findCalled(call, file, finder);
      if (called !== undefined && called.job !== job) steps.push(...expand(called.file, called.job, finder, depth + 1));
    }
    const step = job.steps[index];
    if (step !== undefined) steps.push({ step, file });
  }
  return steps;
}

/** Readers name a script's job by its path, and a recipe's by path and recipe. */
function findCalled({ path, target }: ScriptCall, from: ReadFile, { findFile }: FileFinder): PlacedJob | undefined {
  const file = findFile(path, from);
  if (file === undefined) return undefined;
  const { jobs } = file.extraction;
  const job = target === undefined ? jobs[0] : jobs.find(({ name }) => name === `${file.path} ${target}`);
  return job === undefined ? undefined : { file, job };
}
