import type { Pull, PullIdentity, Repository } from "../judge/repository.ts";

export interface PullSummary {
  /** Pulls that Docker Hub answers. */
  dockerHub: number;
  anonymous: number;
  /** No job of the directory makes them. */
  byUnknown: number;
  /** Of images that something outside of the files decides: Docker Hub may answer them too. */
  notConstant: number;
  /** Requests that Docker Hub counts, with empty caches, in one run of the job that costs most. */
  countedPerBuild: number;
}

export function summarizePulls({ pulls }: Repository): PullSummary {
  const dockerHub = pulls.filter(({ source }) => source === "docker-hub");
  const perJob = new Map<Pull["job"], number>();
  for (const { job, countedRequests } of dockerHub) {
    if (job !== undefined) perJob.set(job, (perJob.get(job) ?? 0) + countedRequests);
  }
  return {
    dockerHub: dockerHub.length,
    anonymous: dockerHub.filter(({ as }) => as.kind === "anonymous").length,
    byUnknown: dockerHub.filter(({ as }) => as.kind === "unknown").length,
    notConstant: pulls.filter(({ source }) => source === "not-constant").length,
    countedPerBuild: [...perJob.values()].reduce((most, counted) => Math.max(most, counted), 0),
  };
}

const reasons: Record<Extract<PullIdentity, { kind: "anonymous" }>["because"], string> = {
  "no-login": "no login",
  "wrong-host": "login to another host",
  "login-later": "login comes later",
  "runner-without-credentials": "runner has no credentials",
};

/** `anonymous (no login)`, `account alice`, `unknown`. */
export function describeIdentity(as: PullIdentity): string {
  if (as.kind === "anonymous") return `anonymous (${reasons[as.because]})`;
  if (as.kind === "unknown") return "unknown";
  return as.userName === undefined ? "account" : `account ${as.userName}`;
}

export function registryOf({ reference, image, source }: Pull): string | undefined {
  if (source === "curated") return "AWS CodeBuild";
  if (source === "mirror") return "mirror";
  return reference?.registry ?? image.registryHint;
}
