import type { Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { createServer } from "../node-http.ts";
import { documentedLimits } from "./account-tier.ts";
import { readBusybox } from "./busybox.ts";
import { type DockerHubRules, documentedPullLimit, pullLimitTexts } from "./docker-hub-rules.ts";
import { createFaultInjection } from "./fault-injection.ts";
import { createPullControl } from "./pull-control.ts";
import { createPullCounter } from "./pull-counter.ts";
import { getsLeaving } from "./pull-limit.ts";
import { addressKey } from "./pull-limit-key.ts";
import { createRequestLog } from "./request-log.ts";
import type { RepositorySource } from "./simulated-images.ts";
import type { SimulatorState } from "./simulator-answer.ts";
import type { DockerHubSimulator, SimulatorOptions } from "./simulator-options.ts";

export type { DockerHubSimulator, SimulatorOptions };

/**
 * Docker Hub and ECR Public on one HTTP server, told apart by the Host header. Asked by its own address, it is
 * Docker Hub with its token service beside it. What it does at each turn is what was read and measured of the real
 * ones; doubts are settings. Throws UsageError CONFIG_BUSYBOX where no images can be made, CONFIG_IMAGES for images
 * that cannot be read.
 */
export async function startDockerHubSimulator(options: SimulatorOptions): Promise<DockerHubSimulator> {
  const state = openState(options);
  const { images, answer } = await openAnswer(options, state);
  const server = createServer(answer);
  const port = await (options.listen?.(server) ?? listen(server, options.port ?? 0));
  const somebody = { address: state.addresses.clientAddress ?? "127.0.0.1" };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    repositories: images.names,
    setRemaining: (remaining, puller) => state.pulls.setRemaining(remaining, puller ?? somebody),
    spend: (pulls, puller) => state.pulls.spend(pulls, puller ?? somebody),
    pulls: state.pulls.list,
    addFault: state.faults.add,
    clearFaults: state.faults.clear,
    faults: state.faults.list,
    requests: state.log.list,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is remembered from request to request. */
function openState({ remaining, now, ...options }: SimulatorOptions): SimulatorState {
  const rules: DockerHubRules = {
    accounts: options.accounts,
    anonymous: { ...documentedPullLimit, ...options.anonymous },
    personal: { ...documentedPullLimit, limit: documentedLimits.personal, ...options.personal },
    headerWindow: options.headerWindow,
    tokenWindow: options.tokenWindow,
    limitMessage: options.limitMessage ?? pullLimitTexts.classic,
    retryAfter: options.retryAfter,
  };
  // Strangers have used up all addresses alike: it does not matter from which one a client comes.
  const spent = remaining === undefined ? [] : getsLeaving(remaining, now(), rules.anonymous);
  const counter = createPullCounter((key) => (isIP(key) === 0 ? [] : spent));
  return {
    rules,
    counter,
    pulls: createPullControl(rules, counter, now),
    faults: createFaultInjection(options.faults ?? []),
    log: createRequestLog(),
    addresses: {
      clientAddress: options.clientAddress === undefined ? undefined : addressKey(options.clientAddress),
      trustForwardedFor: options.trustForwardedFor ?? false,
    },
  };
}

/** Busybox is asked for its commands while the modules are loaded. */
async function openAnswer(options: SimulatorOptions, state: SimulatorState) {
  const [busybox, ownImages, { listBusyboxImages }, { createSimulatedImages }, { createSimulatorAnswer }] =
    await Promise.all([
      readBusybox(options.busyboxFile),
      listOwnImages(options.imagesDirectory),
      import("./busybox-images.ts"),
      import("./simulated-images.ts"),
      import("./simulator-answer.ts"),
    ]);
  const big: RepositorySource = async () => (await import("./big-image.ts")).makeBigImage();
  // A user's repository takes the place of the stock's of the same name.
  const images = createSimulatedImages(new Map([...listBusyboxImages(busybox), ["chubo/big", big], ...ownImages]));
  return { images, answer: await createSimulatorAnswer(options, state, images) };
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
