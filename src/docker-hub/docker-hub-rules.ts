import { type DockerHubAccount, documentedLimits, isUnlimited } from "./account-tier.ts";
import type { PullLimit } from "./pull-limit.ts";

/** Docker Hub's own words for a refused pull. */
export const pullLimitTexts = {
  /** Of November 2020, the one that most people search for. */
  classic:
    "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
  /** What anonymous clients are told since early 2025. */
  unauthenticated: "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
} as const;

export interface DockerHubRules {
  accounts: readonly DockerHubAccount[];
  anonymous: PullLimit;
  personal: PullLimit;
  /** Seconds after `w=` in headers; the counted window where undefined. */
  headerWindow: number | undefined;
  /** Seconds in the token's `pull_limit_interval`; the counted window where undefined. */
  tokenWindow: number | undefined;
  limitMessage: string;
  /** Seconds in a Retry-After header of a refusal; nobody has reported one for the pull limit. */
  retryAfter: number | undefined;
}

/**
 * Two GETs are a pull: an image of several architectures is pulled by its index and its manifest, and the
 * documentation of 2020 (up to two GETs) and of today (a pull for each architecture) both count that as one.
 */
export const documentedPullLimit: PullLimit = {
  limit: documentedLimits.anonymous,
  windowSeconds: documentedLimits.windowSeconds,
  window: "rolling",
  manifestGetsPerPull: 2,
  countRejected: false,
};

/** Paid accounts have no limit: no claims in their tokens, no limit headers in answers to them. */
export function limitFor(account: DockerHubAccount | undefined, rules: DockerHubRules): PullLimit | undefined {
  if (account === undefined) return rules.anonymous;
  return isUnlimited(account.tier) ? undefined : rules.personal;
}
