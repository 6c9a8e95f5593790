import type { PlacedJob, Pull, Repository } from "../judge/repository.ts";

export interface PullingBuild {
  placed: PlacedJob;
  /** Where, in the file of its steps, the first step stands that pulls from Docker Hub. */
  firstPull: number;
}

/** The jobs that pull from Docker Hub without a login, but for what their runner pulls before the first command. */
export function pullsBeforeLogin(repository: Repository): PullingBuild[] {
  return buildsThatPull(repository, ({ as }) => as.kind === "anonymous");
}

/** The jobs that make such a pull from Docker Hub by one of their own steps. */
export function buildsThatPull({ jobs, pulls }: Repository, isMeant: (pull: Pull) => boolean): PullingBuild[] {
  const meant = pulls.filter((pull) => pull.source === "docker-hub" && pull.image.kind !== "runner" && isMeant(pull));
  return jobs.flatMap((placed) => {
    if (!meant.some(({ job }) => job === placed)) return [];
    const { steps, calls = [] } = placed.job;
    const pulling = steps.filter(({ kind }) => kind === "pull" || kind === "build" || kind === "compose");
    // A script that is called may be the one that pulls.
    const starts = [...pulling, ...calls].map(({ range }) => range.start);
    return starts.length === 0 ? [] : [{ placed, firstPull: firstOf(starts) }];
  });
}

export function firstOf(places: readonly number[]): number {
  return places.reduce((first, place) => Math.min(first, place), Number.POSITIVE_INFINITY);
}
