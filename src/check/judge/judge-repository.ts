import { fileFinder } from "./find-file.ts";
import { sourceOf } from "./image-source.ts";
import { pullsOfJob, type ReadBuild } from "./judge-pulls.ts";
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
  const placed = new Set(pulls.map(({ file, image }) => placeKey(file, image.range.start)));
  for (const file of files) {
    for (const image of file.extraction.images) {
      if (placed.has(placeKey(file, image.range.start))) continue;
      const found = sourceOf(image, cachePrefixes);
      const pull: Pull = {
        file,
        image,
        ...found,
        countedRequests: found.source === "docker-hub" ? 2 : 0,
        job: undefined,
        as: image.hasCredentials === true ? { kind: "account", userName: undefined } : { kind: "unknown" },
        egress: "unknown",
      };
      pulls.push(pull);
    }
  }
  return { files, jobs, pulls };
}

/** A build reads its Dockerfile anew, so that images are told apart by their place. */
function placeKey({ path }: ReadFile, start: number): string {
  return `${path}:${start}`;
}
