import { builtImageFinder } from "./built-images.ts";
import { fileFinder } from "./find-file.ts";
import type { ReadBuild } from "./images-of-step.ts";
import { imageKey, placeKey, pullOf, pullsOfJob } from "./judge-pulls.ts";
import { placeJobs } from "./place-jobs.ts";
import type { Pull, ReadFile, Repository } from "./repository.ts";
import { calledJobs } from "./steps-of-job.ts";

/**
 * Joins what the files say: which job builds which Dockerfile, after which login, from whose address. An image that no job
 * pulls is a pull too, by somebody unknown.
 */
export function judgeRepository(
  files: readonly ReadFile[],
  { readBuild, source }: { readBuild: ReadBuild; source?: string | undefined },
): Repository {
  const finder = fileFinder(files, source);
  const jobs = placeJobs(files, finder);
  const cachePrefixes = files.flatMap(({ extraction }) =>
    (extraction.pullThroughCaches ?? []).filter(({ isDockerHub }) => isDockerHub).map(({ prefix }) => prefix),
  );
  const called = calledJobs(jobs, finder);
  const callers = jobs.filter(({ job }) => !called.has(job));
  const pulls = callers.flatMap((placed) => pullsOfJob(placed, { ...finder, readBuild, cachePrefixes }));
  // A build reads its Dockerfile anew, with other arguments: its images are told apart by their places alone.
  const isBuilt = ({ step }: Pull) => step !== undefined && step.step.kind !== "pull";
  const seen = new Set(pulls.map((pull) => (isBuilt(pull) ? placeKey(pull) : imageKey(pull))));
  for (const file of files) {
    for (const image of file.extraction.images) {
      const placedImage = { image, file };
      if (seen.has(placeKey(placedImage)) || seen.has(imageKey(placedImage))) continue;
      pulls.push(pullOf(placedImage, { kind: "unknown" }, cachePrefixes));
    }
  }
  const isMadeHere = builtImageFinder(files);
  return { files, jobs, pulls: pulls.filter(({ image, file }) => !isMadeHere(image, file)) };
}
