import { type DockerHubAccount, documentedLimits, isUnlimited } from "./account-tier.ts";
import type { BlobLinks } from "./blob-links.ts";
import type { PullCounter } from "./pull-counter.ts";
import type { PullLimit } from "./pull-limit.ts";
import type { SimulatedImages } from "./simulated-images.ts";
import type { SimulatedRegistry } from "./simulated-registry.ts";
import { accountId, openTokenService } from "./token-service.ts";

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

export interface RegistrySurroundings {
  images: SimulatedImages;
  counter: PullCounter;
  /** Milliseconds since 1970. */
  now(): number;
  links: BlobLinks;
}

export function createDockerHubRegistry(rules: DockerHubRules, around: RegistrySurroundings): SimulatedRegistry {
  const { images, now, counter, links } = around;
  const tokens = openTokenService({
    issuer: "auth.docker.io",
    accounts: rules.accounts,
    mayPull: (name) => images.has(name),
    pullParameters(account) {
      const limit = limitFor(account, rules);
      if (limit === undefined) return undefined;
      return { pull_limit: String(limit.limit), pull_limit_interval: String(rules.tokenWindow ?? limit.windowSeconds) };
    },
    now,
  });
  return {
    tokens,
    service: "registry.docker.io",
    challenge({ baseUrl }, name, error) {
      const scope = name === undefined ? "" : `,scope="repository:${name}:pull"`;
      const reason = error === undefined ? "" : `,error="${error}"`;
      return `Bearer realm="${baseUrl("auth.docker.io")}/token",service="registry.docker.io"${scope}${reason}`;
    },
    findRepository: (name) => images.find(name),
    mayPull: ({ repositories }, name) => repositories.includes(name),
    unknownRepository: () => undefined,
    limitMessage: rules.limitMessage,
    blobUrl: ({ baseUrl }, digest) => `${baseUrl("production.cloudflare.docker.com")}${links.formatLink(digest)}`,
    countPull({ account }, { address }, isFree) {
      const limit = limitFor(account, rules);
      if (limit === undefined) return undefined;
      const key = account === undefined ? address : accountId(account.user);
      const { allowed, remaining } = isFree
        ? { allowed: true, remaining: counter.remaining(key, now(), limit) }
        : counter.count(key, now(), limit);
      const window = rules.headerWindow ?? limit.windowSeconds;
      const headers = {
        "ratelimit-limit": `${limit.limit};w=${window}`,
        "ratelimit-remaining": `${remaining};w=${window}`,
        "docker-ratelimit-source": key,
      };
      const wait = allowed || rules.retryAfter === undefined ? {} : { "retry-after": String(rules.retryAfter) };
      const counted = !isFree && (allowed || limit.countRejected);
      return { allowed, counted, remaining, headers: { ...headers, ...wait } };
    },
  };
}

/** Paid accounts have no limit: no claims in their tokens, no limit headers in answers to them. */
export function limitFor(account: DockerHubAccount | undefined, rules: DockerHubRules): PullLimit | undefined {
  if (account === undefined) return rules.anonymous;
  return isUnlimited(account.tier) ? undefined : rules.personal;
}
