import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isIP } from "node:net";
import { createAbuseLimit } from "./abuse-limit.ts";
import { documentedLimits } from "./account-tier.ts";
import { createBlobLinks } from "./blob-links.ts";
import { readBusybox } from "./busybox.ts";
import { listBusyboxImages } from "./busybox-images.ts";
import {
  createDockerHubRegistry,
  type DockerHubRules,
  documentedPullLimit,
  pullLimitTexts,
} from "./docker-hub-registry.ts";
import { createEcrPublicRegistry } from "./ecr-public-registry.ts";
import { createFaultInjection } from "./fault-injection.ts";
import { createPullControl, type PullControl } from "./pull-control.ts";
import { createPullCounter } from "./pull-counter.ts";
import { getsLeaving } from "./pull-limit.ts";
import { addressKey } from "./pull-limit-key.ts";
import { createRequestLog } from "./request-log.ts";
import { createSimulatedImages, type RepositorySource, type SimulatedImages } from "./simulated-images.ts";
import { createSimulatorAnswer, type SimulatorParts } from "./simulator-answer.ts";
import type { DockerHubSimulator, SimulatorOptions } from "./simulator-options.ts";

export type { DockerHubSimulator, SimulatorOptions };

/**
 * Docker Hub and ECR Public on one HTTP server, told apart by the Host header. Asked by its own address, it is
 * Docker Hub with its token service beside it. What it does at each turn is what was read and measured of the real
 * ones; doubts are settings. Throws UsageError CONFIG_BUSYBOX where no images can be made, CONFIG_IMAGES for images
 * that cannot be read.
 */
export async function startDockerHubSimulator(options: SimulatorOptions): Promise<DockerHubSimulator> {
  const images = await openImages(options);
  const parts = assemble(options, images);
  const server = createServer(createSimulatorAnswer(parts));
  const port = await (options.listen?.(server) ?? listen(server, options.port ?? 0));
  const somebody = { address: parts.addresses.clientAddress ?? "127.0.0.1" };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    repositories: images.names,
    setRemaining: (remaining, puller) => parts.pulls.setRemaining(remaining, puller ?? somebody),
    spend: (pulls, puller) => parts.pulls.spend(pulls, puller ?? somebody),
    pulls: parts.pulls.list,
    addFault: parts.faults.add,
    clearFaults: parts.faults.clear,
    faults: parts.faults.list,
    requests: parts.log.list,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function assemble(options: SimulatorOptions, images: SimulatedImages): SimulatorParts {
  const { now } = options;
  const rules: DockerHubRules = {
    accounts: options.accounts,
    anonymous: { ...documentedPullLimit, ...options.anonymous },
    personal: { ...documentedPullLimit, limit: documentedLimits.personal, ...options.personal },
    headerWindow: options.headerWindow,
    tokenWindow: options.tokenWindow,
    limitMessage: options.limitMessage ?? pullLimitTexts.classic,
    retryAfter: options.retryAfter,
  };
  const { counter, pulls } = openCounter(options, rules);
  const around = { images, counter, now, links: createBlobLinks(now) };
  return {
    ...around,
    hub: createDockerHubRegistry(rules, around),
    ecrPublic: createEcrPublicRegistry(options.ecrPublicPullsPerSecond, { ...around, counter: createPullCounter() }),
    addresses: {
      clientAddress: options.clientAddress === undefined ? undefined : addressKey(options.clientAddress),
      trustForwardedFor: options.trustForwardedFor ?? false,
    },
    realmBase: options.realmBase,
    abuseLimit: createAbuseLimit(options.abuseLimit, now),
    latency: options.latency ?? 0,
    bytesPerSecond: options.bytesPerSecond,
    pulls,
    faults: createFaultInjection(options.faults ?? []),
    log: createRequestLog(),
    onRequest: options.onRequest ?? (() => undefined),
    onDefect: options.onDefect ?? (() => undefined),
  };
}

/** Strangers have used up all addresses alike, so that it does not matter from which one a client comes. */
function openCounter({ remaining, now }: SimulatorOptions, rules: DockerHubRules) {
  const spent = remaining === undefined ? [] : getsLeaving(remaining, now(), rules.anonymous);
  const counter = createPullCounter((key) => (isIP(key) === 0 ? [] : spent));
  const pulls: PullControl = createPullControl(rules, counter, now);
  return { counter, pulls };
}

async function openImages({ busyboxFile, imagesDirectory }: SimulatorOptions): Promise<SimulatedImages> {
  const [busybox, own] = await Promise.all([readBusybox(busyboxFile), listOwnImages(imagesDirectory)]);
  const big: RepositorySource = async () => (await import("./big-image.ts")).makeBigImage();
  return createSimulatedImages(new Map([...listBusyboxImages(busybox), ["chubo/big", big], ...own]));
}

async function listOwnImages(directory: string | undefined): Promise<[string, RepositorySource][]> {
  if (directory === undefined) return [];
  const { listImagesOfDirectory } = await import("./images-directory.ts");
  return listImagesOfDirectory(directory);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
