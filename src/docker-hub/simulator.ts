import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { addressKey, openPullCounter, type PullCounter, type PullLimitSettings } from "./pull-limit.ts";
import { makeSimulatedImages } from "./simulated-images.ts";
import { answerRegistry, type SimulatedRegistry } from "./simulated-registry.ts";
import { answerToken } from "./simulated-token-endpoint.ts";
import { type HubAccount, openTokenService } from "./token-service.ts";

export interface SimulatorOptions {
  accounts: readonly HubAccount[];
  /** Anonymous pulls that strangers left for the clients' address. All of the limit where absent. */
  remaining?: number;
  /** The address that all clients seem to come from, such as one that CodeBuild's customers share. */
  clientAddress: string;
  anonymous?: Partial<PullLimitSettings>;
  personal?: Partial<PullLimitSettings>;
  /** Seconds in the headers (`w=`); live answers of 2026 said 3600 while tokens said 21600. */
  headerWindow?: number;
  /** Where clients reach the token services and blobs: `https://HOST` behind a proxy, or this server itself over HTTP. */
  direct?: boolean;
  architecture: NodeJS.Architecture;
  now(): number;
}

export interface DockerHubSimulator {
  url: string;
  port: number;
  /** As if strangers had spent all but this many of the address's pulls. */
  setRemaining(remaining: number): void;
  stop(): Promise<void>;
}

const sixHours = 6 * 3600 * 1000;
const baseSettings: PullLimitSettings = {
  limit: 100,
  window: sixHours,
  kind: "rolling",
  manifestGetsPerPull: 1,
  countRejected: false,
};

/**
 * Docker Hub and ECR Public on one HTTP server, told apart by the Host header: auth.docker.io, registry-1.docker.io,
 * production.cloudflare.docker.com, public.ecr.aws. What it does at each turn is what was read and measured of them;
 * doubts are settings.
 */
export async function startDockerHubSimulator(options: SimulatorOptions): Promise<DockerHubSimulator> {
  const anonymous = { ...baseSettings, ...options.anonymous };
  const personal = { ...baseSettings, limit: 200, ...options.personal };
  const counters = { anonymous: openPullCounter(anonymous), personal: openPullCounter(personal) };
  const address = addressKey(options.clientAddress);
  const setRemaining = (remaining: number) => counters.anonymous.setRemaining(address, remaining, options.now());
  if (options.remaining !== undefined) setRemaining(options.remaining);

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stock = makeSimulatedImages(options.architecture);
  const shared = {
    stock,
    now: options.now,
    baseUrl: (host: string) => (options.direct === true ? url : `https://${host}`),
  };
  const windows = { header: options.headerWindow, anonymous, personal };
  const hub = dockerHub(options, shared, address, counters, windows);
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
  address: string,
  counters: Record<"anonymous" | "personal", PullCounter>,
  windows: { header: number | undefined; anonymous: PullLimitSettings; personal: PullLimitSettings },
): SimulatedRegistry {
  const tierOf = (account: HubAccount | undefined) => (account === undefined ? "anonymous" : account.tier);
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
        const tier = tierOf(account);
        if (tier !== "anonymous" && tier !== "personal") return undefined;
        const { limit, window } = windows[tier];
        return { pull_limit: String(limit), pull_limit_interval: String(window / 1000) };
      },
    }),
    limitOf({ account }) {
      const tier = tierOf(account);
      // Paid accounts have no limit, and answers to them no limit headers.
      if (tier !== "anonymous" && tier !== "personal") return undefined;
      const key = account?.user ?? address;
      const { limit, window } = windows[tier];
      return { counter: counters[tier], key, limit, windowSeconds: windows.header ?? window / 1000, source: key };
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
