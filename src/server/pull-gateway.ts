import type { IncomingMessage, ServerResponse } from "node:http";
import type { UpstreamConfig } from "../gateway/configuration/gateway-config.ts";
import { createAllowList } from "../gateway/configuration/upstream-settings.ts";
import { createGatewayContent } from "../gateway/gateway-content.ts";
import { formatMetrics } from "../gateway/ledger/format-metrics.ts";
import { createGatewayMeter, type GatewayMeter } from "../gateway/ledger/gateway-metrics.ts";
import { openUpstreams, type UpstreamSettings, type Upstreams } from "../gateway/open-upstreams.ts";
import { type PrefetchedImage, prefetchImage } from "../gateway/prefetch-image.ts";
import type { PullEvent } from "../gateway/pull-events.ts";
import { canonicalRepository, splitRepository } from "../gateway/repository-names.ts";
import type { UpstreamExchange } from "../gateway/upstream/upstream-exchange.ts";
import { upstreamRegistries } from "../gateway/upstream/upstream-hosts.ts";
import { createBlockPool } from "../registry/block-pool.ts";
import type { RegistryAccess } from "../registry/registry-access.ts";
import { createRegistryHandler } from "../registry/registry-http.ts";
import type { GatewayObserver } from "./gateway-events.ts";
import type { GatewayStorage } from "./gateway-storage.ts";
import { openRequestWatch, type RequestTrace } from "./watch-requests.ts";

export interface PullGatewayOptions<Session> {
  configs: readonly UpstreamConfig[];
  /** Of the same upstreams. */
  upstreams: readonly UpstreamSettings[];
  storage: GatewayStorage;
  /** Who may pull. */
  access: RegistryAccess<Session>;
  waitMaximum: number;
  observer: GatewayObserver;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** All configured upstreams behind one registry handler. */
export interface PullGateway {
  /** Whether it answers for a host under which clients reach an upstream's API. */
  serves(host: string): boolean;
  /** A pull at the port's own address that names one of the upstreams, by prefix or by `?ns=`. */
  takes(path: string, query: string): boolean;
  /** `host` is the upstream's own where the client came under it. Resolves when the answer is written. */
  handle(host: string | undefined, request: IncomingMessage, response: ServerResponse): Promise<void>;
  metrics(): string;
  /** Throws RegistryError. */
  prefetch(reference: string, platforms: readonly string[] | undefined): Promise<PrefetchedImage>;
  /** Ends what is under way; the storage is its owner's to close. */
  close(): Promise<void>;
}

type TracedRequest = IncomingMessage & { [traceOf]?: RequestTrace };

const traceOf = Symbol("what is found out about a request");

export function openPullGateway<Session>(options: PullGatewayOptions<Session>): PullGateway {
  const { configs, storage, access, observer, now } = options;
  const meter = createGatewayMeter();
  const names = new Set(configs.map(({ name }) => name));
  const hosts = new Set([...names].flatMap(hostsOf));
  const watch = openRequestWatch({
    now,
    onEnd: ({ repository }, bytes) => countBytes(meter, names, repository, bytes),
    ...(observer.onRequest === undefined ? {} : { onRequest: observer.onRequest }),
  });
  const blocks = createBlockPool();
  const upstreams = openUpstreams({
    ...upstreamsOptions(options, meter),
    blocks,
    onPull: (event) => {
      watch.noteOutcome(event);
      countPull(event, meter, storage);
    },
  });
  const isAllowed = createAllowList(configs);
  const content = createGatewayContent((registry, repository) =>
    isAllowed(registry, repository) ? upstreams.find(registry) : undefined,
  );
  const answer = createRegistryHandler({
    content,
    access,
    blocks,
    repositoryOf(request: TracedRequest, name, query) {
      const trace = request[traceOf];
      const repository = canonicalRepository(name, {
        proxiedHost: trace?.host,
        namespace: query.get("ns") ?? undefined,
      });
      if (trace !== undefined) trace.repository = repository;
      return repository;
    },
    onDefect: (error) => observer.onDefect(error),
  });
  const stopCollecting = collectRegularly(storage, observer);
  return {
    serves: (host) => hosts.has(host),
    takes: (path, query) =>
      names.has(path.split("/", 3)[2] ?? "") || (query !== "" && new URLSearchParams(query).has("ns")),
    handle(host, request, response) {
      const trace: RequestTrace = { host };
      (request as TracedRequest)[traceOf] = trace;
      return watch.run(request, response, trace, () => answer(request, response));
    },
    metrics: () => metricsOf(upstreams, meter, storage, { inFlight: watch.inFlight(), time: now() }),
    prefetch: (reference, platforms) =>
      prefetchImage(reference, { content, findStored: storage.content.findBlob, platforms, sleep: options.sleep }),
    async close() {
      stopCollecting();
      await upstreams.close();
    },
  };
}

function upstreamsOptions<Session>(
  { upstreams, storage, waitMaximum, observer, now, sleep }: PullGatewayOptions<Session>,
  meter: GatewayMeter,
) {
  const { content, ledger, leases, standingsOf } = storage;
  return {
    ...{ upstreams, content, waitMaximum, now, sleep },
    ...(leases === undefined ? {} : { leases }),
    ...(standingsOf === undefined ? {} : { standingsOf }),
    onExchange(exchange: UpstreamExchange) {
      const { host: _, ...record } = exchange;
      ledger.add(record);
      meter.countRequest(record);
      observer.onExchange?.(exchange);
    },
    onBudget: observer.onBudget,
    onLoginRefused: observer.onLoginRefused,
    onStoreFailure: observer.onDefect,
  };
}

function countPull(event: PullEvent, meter: GatewayMeter, { ledger }: GatewayStorage): void {
  meter.countPull(event);
  const { upstream, outcome } = event;
  if (outcome === "hit" || outcome === "miss" || outcome === "stale") ledger.countCache(upstream, outcome);
}

/** A client may name any registry: only those that are configured become labels. */
function countBytes(meter: GatewayMeter, names: ReadonlySet<string>, repository: string | undefined, bytes: number) {
  if (repository === undefined) return;
  const { registry } = splitRepository(repository);
  if (names.has(registry)) meter.countBytesToClient(registry, bytes);
}

function metricsOf(
  upstreams: Upstreams,
  { counters }: GatewayMeter,
  storage: GatewayStorage,
  state: { inFlight: number; time: number },
): string {
  const { bytes: storedBytes, evictions } = storage.stats?.() ?? {};
  return formatMetrics({
    ...{ counters, standings: upstreams.standings() },
    ...state,
    ...(storedBytes === undefined ? {} : { storedBytes }),
    ...(evictions === undefined ? {} : { evictions }),
  });
}

/** The names of a registry's API; one at a port of its own is not reached through the proxy, which opens port 443 alone. */
function hostsOf(name: string): readonly string[] {
  const known = upstreamRegistries.find((registry) => registry.name === name);
  if (known !== undefined) return known.apiHosts;
  return name.includes(":") ? [] : [name];
}

/** Milliseconds. */
const firstCollection = 60_000;
const collectionInterval = 3_600_000;

function collectRegularly(storage: GatewayStorage, { onDefect }: GatewayObserver): () => void {
  const collect = () => storage.collectGarbage().catch(onDefect);
  const first = setTimeout(collect, firstCollection).unref();
  const further = setInterval(collect, collectionInterval).unref();
  return () => {
    clearTimeout(first);
    clearInterval(further);
  };
}
