import type { BuildJob, CodeBuildJob } from "../build-job.ts";
import type { FileFinder } from "./find-file.ts";
import type { PlacedJob, ReadFile } from "./repository.ts";
import { stepsOfJob } from "./steps-of-job.ts";

/**
 * All jobs of the files. A CodeBuild project that names its buildspec by a path is joined with that file: the steps of the
 * one, the role and the environment of the other. Such a buildspec is no job by itself any more.
 */
export function placeJobs(files: readonly ReadFile[], finder: FileFinder): PlacedJob[] {
  const taken = new Set<BuildJob>();
  const projects: PlacedJob[] = [];
  const others: PlacedJob[] = [];
  for (const file of files) {
    for (const job of file.extraction.jobs) {
      const path = findBuildspecPath(job);
      const buildspec = path === undefined ? undefined : finder.findFile(path, file);
      const steps = buildspec?.extraction.jobs.find(({ runner }) => runner === "codebuild");
      if (buildspec === undefined || steps === undefined) {
        others.push({ file, job, steps: stepsOfJob(job, file, finder) });
      } else {
        taken.add(steps);
        const joined = joinProject(job, steps);
        projects.push({ file, stepsFile: buildspec, job: joined, steps: stepsOfJob(joined, buildspec, finder) });
      }
    }
  }
  return [...projects, ...others.filter(({ job }) => !taken.has(job))];
}

/** A project without a buildspec takes `buildspec.yml` in the root of its source. */
function findBuildspecPath({ runner, codeBuild, steps }: BuildJob): string | undefined {
  if (runner !== "codebuild" || codeBuild === undefined || codeBuild.hasInlineBuildspec === true) return undefined;
  if (codeBuild.buildspecPath !== undefined) return codeBuild.buildspecPath;
  return codeBuild.isProject === true && steps.length === 0 ? "buildspec.yml" : undefined;
}

function joinProject(project: BuildJob, buildspec: BuildJob): BuildJob {
  const codeBuild: CodeBuildJob = {
    ...buildspec.codeBuild,
    ...project.codeBuild,
    secrets: [...(project.codeBuild?.secrets ?? []), ...(buildspec.codeBuild?.secrets ?? [])],
  };
  return {
    ...project,
    steps: buildspec.steps,
    ...(buildspec.calls && { calls: buildspec.calls }),
    runnerImages: [...project.runnerImages, ...buildspec.runnerImages],
    codeBuild,
  };
}
