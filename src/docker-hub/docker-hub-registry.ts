import { accountId } from "./account-tier.ts";
import type { BlobLinks } from "./blob-links.ts";
import { type DockerHubRules, limitFor } from "./docker-hub-rules.ts";
import type { PullCounter } from "./pull-counter.ts";
import type { SimulatedImages } from "./simulated-images.ts";
import type { SimulatedRegistry } from "./simulated-registry.ts";
import { openTokenService } from "./token-service.ts";

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
