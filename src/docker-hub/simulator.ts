import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "../node-http.ts";
import { type DockerHubAccount, documentedLimits } from "./account-tier.ts";
import { createBlobLinks } from "./blob-links.ts";
import { readBusybox } from "./busybox.ts";
import {
  createDockerHubRegistry,
  type DockerHubRules,
  documentedPullLimit,
  pullLimitTexts,
} from "./docker-hub-registry.ts";
import { createEcrPublicRegistry } from "./ecr-public-registry.ts";
import { createPullCounter } from "./pull-counter.ts";
import { getsLeaving, type PullLimit } from "./pull-limit.ts";
import { addressKey } from "./pull-limit-key.ts";
import { createRequestLog, type SimulatedRequest } from "./request-log.ts";
import { makeSimulatedImages } from "./simulated-images.ts";
import { createSimulatorAnswer } from "./simulator-answer.ts";
import { accountId } from "./token-service.ts";

export interface SimulatorOptions {
  accounts: readonly DockerHubAccount[];
  /** Anonymous pulls that strangers left for the clients' address; they pulled just now. All where absent. */
  remaining?: number;
  /** The address that all clients seem to come from, such as one that CodeBuild's customers share. */
  clientAddress: string;
  /** Take the client's address from X-Forwarded-For where it is sent. */
  trustForwardedFor?: boolean;
  anonymous?: Partial<PullLimit>;
  personal?: Partial<PullLimit>;
  /** Seconds after `w=` in headers; live answers of 2026 said 3600 while tokens said 21600. */
  headerWindow?: number;
  tokenWindow?: number;
  /** What a refused client is told; see `pullLimitTexts`. */
  limitMessage?: string;
  /** Seconds in Retry-After of a refusal; not sent where absent. */
  retryAfter?: number;
  /** ECR Public's quota without login; not enforced where absent. */
  ecrPublicPullsPerSecond?: number;
  /**
   * Where clients reach the token services and blobs. Absent: `https://HOST` for clients that come by a real host
   * name through a proxy, and this server itself for those that come by its own address.
   */
  realmBase?: string;
  /** A static busybox, where it is not at its usual places. */
  busyboxFile?: string;
  /** Port on 127.0.0.1; a free one where absent. */
  port?: number;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface DockerHubSimulator {
  url: string;
  port: number;
  /** As if all but this many pulls of the address, or of the account, had just been spent by others. */
  setRemaining(remaining: number, of?: { account: string }): void;
  /** What was asked, oldest first; the newest 10,000. */
  requests(): readonly SimulatedRequest[];
  stop(): Promise<void>;
}

/**
 * Docker Hub and ECR Public on one HTTP server, told apart by the Host header. Asked by its own address, it is
 * Docker Hub with its token service beside it. What it does at each turn is what was read and measured of the real
 * ones; doubts are settings. Throws UsageError CONFIG_BUSYBOX where no images can be made.
 */
export async function startDockerHubSimulator(options: SimulatorOptions): Promise<DockerHubSimulator> {
  const { now } = options;
  const anonymous = { ...documentedPullLimit, ...options.anonymous };
  const personal = { ...documentedPullLimit, limit: documentedLimits.personal, ...options.personal };
  const address = addressKey(options.clientAddress);
  const counter = createPullCounter();
  const setRemaining: DockerHubSimulator["setRemaining"] = (remaining, of) => {
    const key = of === undefined ? address : accountId(of.account);
    counter.replace(key, getsLeaving(remaining, now(), of === undefined ? anonymous : personal));
  };
  if (options.remaining !== undefined) setRemaining(options.remaining);

  const busybox = await readBusybox(options.busyboxFile);
  const log = createRequestLog();
  const rules: DockerHubRules = {
    accounts: options.accounts,
    anonymous,
    personal,
    headerWindow: options.headerWindow,
    tokenWindow: options.tokenWindow,
    limitMessage: options.limitMessage ?? pullLimitTexts.classic,
    retryAfter: options.retryAfter,
  };
  // The first request waits for the images to be compressed; the start does not.
  const answer = makeSimulatedImages(busybox).then((images) => {
    const around = { images, counter, now, links: createBlobLinks(now) };
    return createSimulatorAnswer({
      hub: createDockerHubRegistry(rules, around),
      ecrPublic: createEcrPublicRegistry(options.ecrPublicPullsPerSecond, around),
      ...around,
      clientAddress: address,
      trustForwardedFor: options.trustForwardedFor ?? false,
      realmBase: options.realmBase,
      log,
    });
  });
  const server = createServer(async (request, response) => (await answer)(request, response));
  const { port } = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    setRemaining,
    requests: log.list,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server.address() as AddressInfo));
  });
}
