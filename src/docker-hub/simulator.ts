import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type DockerHubAccount, documentedLimits, isUnlimited } from "./account-tier.ts";
import { readBusybox } from "./busybox.ts";
import { createPullCounter, type PullCounter } from "./pull-counter.ts";
import type { PullLimit } from "./pull-limit.ts";
import { addressKey } from "./pull-limit-key.ts";
import { makeSimulatedImages } from "./simulated-images.ts";
import { answerRegistry, type SimulatedRegistry } from "./simulated-registry.ts";
import { answerToken } from "./simulated-token-endpoint.ts";
import { openTokenService } from "./token-service.ts";

export interface SimulatorOptions {
  accounts: readonly DockerHubAccount[];
  /** Anonymous pulls that strangers left for the clients' address. All of the limit where absent. */
  remaining?: number;
  /** The address that all clients seem to come from, such as one that CodeBuild's customers share. */
  clientAddress: string;
  anonymous?: Partial<PullLimit>;
  personal?: Partial<PullLimit>;
  /** Seconds in the headers (`w=`); live answers of 2026 said 3600 while tokens said 21600. */
  headerWindow?: number;
  /** Where clients reach the token services and blobs: `https://HOST` behind a proxy, or this server itself over HTTP. */
  direct?: boolean;
  /** A static busybox, where it is not at its usual places. */
  busyboxFile?: string;
  now(): number;
}

export interface DockerHubSimulator {
  url: string;
  port: number;
  /** As if strangers had spent all but this many of the address's pulls. */
  setRemaining(remaining: number): void;
  stop(): Promise<void>;
}

const baseLimit: PullLimit = {
  limit: documentedLimits.anonymous,
  windowSeconds: documentedLimits.windowSeconds,
  window: "rolling",
  manifestGetsPerPull: 1,
  countRejected: false,
};

interface TierLimits {
  anonymous: PullLimit;
  personal: PullLimit;
}

/**
 * Docker Hub and ECR Public on one HTTP server, told apart by the Host header: auth.docker.io, registry-1.docker.io,
 * production.cloudflare.docker.com, public.ecr.aws. What it does at each turn is what was read and measured of them;
 * doubts are settings.
 */
export async function startDockerHubSimulator(options: SimulatorOptions): Promise<DockerHubSimulator> {
  const limits: TierLimits = {
    anonymous: { ...baseLimit, ...options.anonymous },
    personal: { ...baseLimit, limit: documentedLimits.personal, ...options.personal },
  };
  const counter = createPullCounter();
  const address = addressKey(options.clientAddress);
  const setRemaining = (remaining: number) => {
    const { limit, manifestGetsPerPull } = limits.anonymous;
    const spent = Math.max(0, limit - remaining) * manifestGetsPerPull;
    counter.replace(address, new Array<number>(spent).fill(options.now()));
  };
  if (options.remaining !== undefined) setRemaining(options.remaining);
  const stock = await makeSimulatedImages(await readBusybox(options.busyboxFile));

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const shared = {
    stock,
    now: options.now,
    baseUrl: (host: string) => (options.direct === true ? url : `https://${host}`),
  };
  const hub = dockerHub(options, shared, { address, counter, limits });
  const publicEcr = publicRegistry(shared);
  server.on("request", (request, response) => {
    answer(request, response, options.direct === true, { hub, publicEcr });
  });
  return {
    url,
    port,
    setRemaining,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  direct: boolean,
  { hub, publicEcr }: { hub: SimulatedRegistry; publicEcr: SimulatedRegistry },
): void {
  const host = request.headers.host ?? "";
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const isPublicEcr = host === "public.ecr.aws";
  const registry = isPublicEcr ? publicEcr : hub;
  const isToken = host === "auth.docker.io" || path === "/token/" || (direct && path === "/token");
  (isToken ? answerToken(registry, request, response) : answerRegistry(registry, request, response)).catch(() => {
    // The client went away, or sent what no registry client sends.
    response.destroy();
  });
}

type Shared = Pick<SimulatedRegistry, "stock" | "now" | "baseUrl">;

function dockerHub(
  options: SimulatorOptions,
  shared: Shared,
  { address, counter, limits }: { address: string; counter: PullCounter; limits: TierLimits },
): SimulatedRegistry {
  // Paid accounts have no limit: no claims in their tokens, no limit headers in answers to them.
  const limitFor = (account: DockerHubAccount | undefined) => {
    if (account === undefined) return limits.anonymous;
    return isUnlimited(account.tier) ? undefined : limits.personal;
  };
  return {
    ...shared,
    service: "registry.docker.io",
    realm: { host: "auth.docker.io", path: "/token" },
    blobHost: "production.cloudflare.docker.com",
    repositoryOf: (name) => name,
    tokens: openTokenService({
      issuer: "auth.docker.io",
      accounts: options.accounts,
      pullClaims(account) {
        const limit = limitFor(account);
        if (limit === undefined) return undefined;
        return { pull_limit: String(limit.limit), pull_limit_interval: String(limit.windowSeconds) };
      },
    }),
    limitOf({ account }) {
      const limit = limitFor(account);
      if (limit === undefined) return undefined;
      const key = account === undefined ? address : `account ${account.user}`;
      return {
        counter,
        key,
        limit,
        windowSeconds: options.headerWindow ?? limit.windowSeconds,
        source: account?.user ?? address,
      };
    },
    limitMessage:
      "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
  };
}

/** ECR Public: the same official images below `docker/library`, no limit headers. Its own limit (1 pull/s) is not simulated. */
function publicRegistry(shared: Shared): SimulatedRegistry {
  return {
    ...shared,
    service: "public.ecr.aws",
    realm: { host: "public.ecr.aws", path: "/token/" },
    blobHost: undefined,
    repositoryOf: (name) => (name.startsWith("docker/library/") ? name.slice("docker/".length) : undefined),
    tokens: openTokenService({ issuer: "public.ecr.aws", accounts: [], pullClaims: () => undefined }),
    limitOf: () => undefined,
    limitMessage: "Rate exceeded",
  };
}
