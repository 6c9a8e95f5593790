import type { PlacedJob, Repository } from "../judge/repository.ts";

export interface AnonymousBuild {
  placed: PlacedJob;
  /** Where, in the file of its steps, the first step stands that pulls from Docker Hub. */
  firstPull: number;
}

/** The jobs that pull from Docker Hub without a login, but for what their runner pulls before the first command. */
export function pullsBeforeLogin({ jobs, pulls }: Repository): AnonymousBuild[] {
  return jobs.flatMap((placed) => {
    const isPulling = pulls.some(
      ({ job, source, as, image }) =>
        job === placed && source === "docker-hub" && as.kind === "anonymous" && image.kind !== "runner",
    );
    if (!isPulling) return [];
    const { steps, calls = [] } = placed.job;
    const pulling = steps.filter(({ kind }) => kind === "pull" || kind === "build" || kind === "compose");
    // A script that is called may be the one that pulls.
    const starts = [...pulling, ...calls].map(({ range }) => range.start);
    return starts.length === 0 ? [] : [{ placed, firstPull: Math.min(...starts) }];
  });
}
