import type { Pull, Repository } from "../judge/repository.ts";

/** What makes the pulls of one build: a job of a CI; where none does, a script or a Dockerfile by itself. */
export interface CostliestBuild {
  /** Requests that Docker Hub counts against the build's address, with empty caches. */
  countedRequests: number;
  /** `Build in template.yml`, `app/Dockerfile`. */
  name: string;
}

/**
 * The build with most counted requests of an address: those that no account makes. Undefined where there is none. What a
 * service or a developer's machine pulls is no build's.
 */
export function findCostliestBuild({ pulls }: Repository): CostliestBuild | undefined {
  const counted = pulls.filter((pull) => pull.source === "docker-hub" && pull.as.kind !== "account" && isOfBuild(pull));
  const isOfCi = ({ job }: Pull) => job !== undefined && job.job.runner !== "script";
  const builds = Map.groupBy(counted.some(isOfCi) ? counted.filter(isOfCi) : counted, ({ job, file }) => job ?? file);
  return [...builds.values()]
    .map((group) => ({
      countedRequests: group.reduce((sum, { countedRequests }) => sum + countedRequests, 0),
      name: nameOf(group[0]),
    }))
    .reduce<CostliestBuild | undefined>(
      (most, build) => (most === undefined || build.countedRequests > most.countedRequests ? build : most),
      undefined,
    );
}

function isOfBuild({ job, image }: Pull): boolean {
  if (job !== undefined) return job.job.runner !== "script" || image.kind !== "development";
  return image.kind === "dockerfile-syntax" || image.stage?.pulledBy === "all";
}

function nameOf(pull: Pull | undefined): string {
  if (pull?.job === undefined) return pull?.file.path ?? "";
  const { job, file } = pull.job;
  return job.name === file.path ? file.path : `${job.name} in ${file.path}`;
}
