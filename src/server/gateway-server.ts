import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { setTimeout } from "node:timers/promises";
import { defaultWait, type GatewayConfig } from "../gateway/configuration/gateway-config.ts";
import { openUpstreamSettings, withWellKnown } from "../gateway/configuration/upstream-settings.ts";
import { parsePrefetchReference } from "../gateway/prefetch-image.ts";
import { type StateLayout, stateLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";
import { openCertificateAuthority } from "./certificate-authority.ts";
import { type ClientAccess, openAccess, openClientAccess } from "./client-access.ts";
import {
  createGatewayEndpoints,
  type PrefetchOrder,
  type PrefetchReport,
  reportPrefetch,
} from "./gateway-endpoints.ts";
import type { GatewayObserver } from "./gateway-events.ts";
import { type GatewayStorage, openLocalGatewayStorage } from "./gateway-storage.ts";
import { type OnePort, openOnePort } from "./one-port.ts";
import { type ProcessLock, takeProcessLock } from "./process-lock.ts";
import { openPullGateway, type PullGateway } from "./pull-gateway.ts";
import { makeDirectory, stateBusy } from "./state-directory.ts";

/** A configuration with all paths absolute. */
export interface GatewayServerOptions {
  config: GatewayConfig;
  /** State directory. */
  state: string;
  host: string;
  port: number;
  /** Where file names of the configuration begin. */
  directory: string;
  variables: Readonly<Record<string, string | undefined>>;
  observer: GatewayObserver;
}

export interface GatewayServer {
  port: OnePort;
  upstreams: readonly string[];
  /** Whether clients have to log in. */
  isGuarded: boolean;
  /** PEM file of the authority that clients of the proxy must trust. */
  authority(): Promise<{ caFile: string; bundleFile: string }>;
  prefetch(reference: string, order: Omit<PrefetchOrder, "references">): Promise<PrefetchReport>;
  close(): Promise<void>;
}

/** Milliseconds. A client may stop reading for so long before its connection is ended. */
const idleMilliseconds = 5 * 60_000;

/** `chubo gateway`: the pull-through gateway with a port of its own. Throws UsageError CONFIG_…. */
export async function openGatewayServer(options: GatewayServerOptions): Promise<GatewayServer> {
  const { config, host, observer } = options;
  const clients = (config.clients.basic ?? config.clients.bearer) ? openClientAccess(config.clients) : undefined;
  const tls = config.tls === undefined ? undefined : await readTls(config.tls);
  const engine = await openGatewayEngine(options, clients);
  const { gateway, storage, layout, lock } = engine;
  const controlToken = randomBytes(32).toString("hex");
  const endpoints = createGatewayEndpoints({
    ...{ storage, controlToken, metrics: gateway.metrics, prefetch: engine.prefetch },
    ...(clients === undefined ? {} : { admits: clients.admits }),
  });
  const authority = lazily(() => openCertificateAuthority(layout.ca, { now: () => new Date() }));
  try {
    const port = await openOnePort({
      ...{ host, port: options.port, now: () => new Date(), idleMilliseconds, tunnels: isLoopback(host) },
      ...(tls === undefined ? {} : { tls }),
      ...(clients === undefined ? {} : { admitsToProxy: clients.admitsToProxy }),
      authority: { secureContextFor: async (name) => (await authority()).secureContextFor(name) },
      onDefect: observer.onDefect,
      refusal:
        "this is a pull-through gateway: a registry at /v2/, its /healthz and /metrics, and a proxy to registries.",
      handlers: {
        aws: { handles: () => false, servedHost: () => false, handle: async () => undefined },
        registry: {
          servesHost: () => false,
          handle: (request, response) => gateway.handle(undefined, request, response),
        },
        gateway: { serves: gateway.serves, handle: gateway.handle },
        internal: endpoints,
      },
    });
    lock.announce([port.url, controlToken]);
    return {
      ...{ port, upstreams: engine.upstreams, isGuarded: clients !== undefined, authority, prefetch: engine.prefetch },
      async close() {
        await port.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The gateway without a port. */
export interface GatewayEngine {
  gateway: PullGateway;
  storage: GatewayStorage;
  layout: StateLayout;
  lock: ProcessLock;
  upstreams: readonly string[];
  prefetch(reference: string, order: Omit<PrefetchOrder, "references">): Promise<PrefetchReport>;
  close(): Promise<void>;
}

/** Throws CONFIG_STATE_BUSY where another gateway uses the state directory. */
export async function openGatewayEngine(
  options: Pick<GatewayServerOptions, "config" | "state" | "directory" | "variables" | "observer">,
  clients?: ClientAccess,
): Promise<GatewayEngine> {
  const { config, directory, variables, observer } = options;
  const layout = openGatewayDirectory(options.state);
  const lock = takeProcessLock(layout.gateway.lock);
  if (lock === undefined) throw stateBusy(layout.gateway.lock, options.state);
  let storage: GatewayStorage | undefined;
  try {
    const configs = withWellKnown(config.upstreams);
    const { onNote } = observer;
    const upstreams = await openUpstreamSettings(configs, { variables, directory, now: Date.now, onNote });
    const opened = await openStorage(options, layout);
    storage = opened;
    const gateway = openPullGateway({
      ...{
        configs,
        upstreams,
        storage: opened,
        observer,
        now: Date.now,
        sleep: (milliseconds) => setTimeout(milliseconds),
      },
      access: clients?.registry ?? openAccess,
      waitMaximum: config.wait ?? defaultWait,
    });
    return {
      ...{ gateway, storage, layout, lock, upstreams: configs.map(({ name }) => name) },
      prefetch: (reference, order) => reportPrefetch(reference, () => prefetch(gateway, opened, reference, order)),
      async close() {
        await gateway.close();
        await opened.close();
        lock.release();
      },
    };
  } catch (error) {
    await storage?.close();
    lock.release();
    throw error;
  }
}

async function openStorage(
  { config, variables, observer }: Pick<GatewayServerOptions, "config" | "variables" | "observer">,
  { gateway }: StateLayout,
): Promise<GatewayStorage> {
  const { content, ledger, redirectBlobs = false, space } = config;
  const { onDefect } = observer;
  if (content === undefined) return openLocalGatewayStorage(gateway, { ...space, now: Date.now, onDefect });
  const { openSharedGatewayStorage } = await import("./shared-gateway-storage.ts");
  return openSharedGatewayStorage(gateway, {
    ...{ content, redirectBlobs, variables, observer, now: Date.now },
    ...(ledger === undefined ? {} : { ledger }),
  });
}

/** A pin goes before the pull: nothing of the image may make room for the rest of it. */
async function prefetch(
  gateway: PullGateway,
  storage: GatewayStorage,
  text: string,
  { platforms, pin }: Omit<PrefetchOrder, "references">,
) {
  if (pin === true) {
    const { repository, reference } = parsePrefetchReference(text);
    await storage.pin(repository, reference);
  }
  return gateway.prefetch(text, choosePlatforms(platforms ?? []));
}

/** Of a multi-platform image each platform is a pull of its own: only what is asked for, or what this machine runs. */
function choosePlatforms(given: readonly string[]): readonly string[] | undefined {
  if (given.includes("all")) return undefined;
  return given.length > 0 ? given : [`linux/${process.arch === "x64" ? "amd64" : process.arch}`];
}

function openGatewayDirectory(root: string): StateLayout {
  const layout = stateLayout(root);
  try {
    makeDirectory(layout.gateway.root);
    writeFileSync(layout.gitignore, "*\n");
  } catch (cause) {
    throw new UsageError("CONFIG_STATE", `the state directory cannot be written: ${root}`, {
      cause,
      hint: "choose another one with --state DIR",
    });
  }
  return layout;
}

async function readTls({ certificate, key }: { certificate: string; key: string }) {
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new UsageError("CONFIG_TLS", `${file} cannot be read: ${code}`, { cause });
    }
  };
  const pems = { certificate: read(certificate), key: read(key) };
  const { createSecureContext } = await import("node:tls");
  try {
    createSecureContext({ cert: pems.certificate, key: pems.key });
  } catch (cause) {
    throw new UsageError("CONFIG_TLS", `${certificate} and ${key} are no certificate and its key in PEM`, { cause });
  }
  return pems;
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  return isIP(host) === 4 && loopback.check(host, "ipv4");
}

/** Made at the first use, once; a failure is tried again. */
function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
