import type { BuildJob, ScriptCall } from "../build-job.ts";
import { findBakeFiles, findComposeFiles } from "./build-files.ts";
import type { FileFinder } from "./find-file.ts";
import { buildsImages, isBakeCommand } from "./images-of-step.ts";
import type { PlacedJob, PlacedStep, ReadFile } from "./repository.ts";

/** Scripts call scripts; a longer chain is nobody's to follow. */
const longestChain = 5;

/** Scripts that call others many times multiply; what a build really runs stays far below. */
const mostCalls = 1_000;

/** The job's steps in the order in which they run, with those of the scripts and recipes that it calls in their places. */
export function stepsOfJob(job: BuildJob, file: ReadFile, finder: FileFinder): PlacedStep[] {
  const steps: PlacedStep[] = [];
  let callsLeft = mostCalls;
  /** `callers` guard against a circle: the jobs that wait for this one. */
  const run = (current: BuildJob, inFile: ReadFile, callers: readonly BuildJob[]) => {
    const calls = callers.length < longestChain ? (current.calls ?? []) : [];
    for (let index = 0; index <= current.steps.length; index++) {
      for (const call of calls.filter(({ stepsBefore }) => stepsBefore === index)) {
        const called = findCalled(call, inFile, finder);
        if (called === undefined || called.job === current || callers.includes(called.job) || callsLeft === 0) continue;
        callsLeft--;
        run(called.job, called.file, [...callers, current]);
      }
      const step = current.steps[index];
      if (step !== undefined) steps.push({ step, file: inFile });
    }
  };
  run(job, file, []);
  return steps;
}

/** The jobs that others run: scripts and recipes that they call, compose and bake files that they build by. */
export function calledJobs(jobs: readonly PlacedJob[], finder: FileFinder): ReadonlySet<BuildJob> {
  const called = jobs.flatMap(({ file, stepsFile = file, job }) => {
    const scripts = (job.calls ?? []).map((call) => findCalled(call, stepsFile, finder)?.job);
    const files = job.steps.flatMap((step) => {
      if (step.kind === "compose") return buildsImages(step) ? findComposeFiles(step, stepsFile, finder) : [];
      return step.kind === "build" && isBakeCommand(step) ? findBakeFiles(step, stepsFile, finder) : [];
    });
    return [...scripts, ...files.flatMap(({ extraction }) => extraction.jobs)];
  });
  return new Set(called.filter((job) => job !== undefined));
}

/** Readers name a script's job by its path, and a recipe's by path and recipe. */
function findCalled(
  { path, target }: ScriptCall,
  from: ReadFile,
  { findFile }: FileFinder,
): { job: BuildJob; file: ReadFile } | undefined {
  const file = findFile(path, from);
  if (file === undefined) return undefined;
  const { jobs } = file.extraction;
  const job = target === undefined ? jobs[0] : jobs.find(({ name }) => name === `${file.path} ${target}`);
  return job === undefined ? undefined : { file, job };
}
