import { type BlockPool, createBlockPool } from "../registry/block-pool.ts";
import type { RegistryContent } from "../registry/registry-content.ts";
import { type BlobDownloads, openBlobDownloads } from "./content/blob-downloads.ts";
import type { PulledContent } from "./content/pulled-content.ts";
import { fallBack, officialImageOnEcrPublic } from "./fall-back.ts";
import type { BudgetWarning } from "./identities/budget-warnings.ts";
import type { Identity, IdentityPool, IdentityStanding } from "./identities/identity.ts";
import { openIdentityPool } from "./identities/identity-pool.ts";
import type { IdentityStandings } from "./identities/identity-standings.ts";
import { type Leases, noReplicas } from "./leases.ts";
import type { PullEvent } from "./pull-events.ts";
import { createPullThrough } from "./pull-through.ts";
import type { TagPolicy } from "./tag-resolver.ts";
import {
  createUpstreamClient,
  type OpenUpstreamClient,
  type UpstreamClientOptions,
} from "./upstream/create-upstream-client.ts";
import type { UpstreamExchange } from "./upstream/upstream-exchange.ts";
import { waitForPull } from "./wait-for-pull.ts";

/** One registry that a gateway pulls from, as its owner set it. */
export interface UpstreamSettings {
  /** As references name it: `docker.io`. */
  name: string;
  /** Where it is reached instead of under its own name. */
  baseUrl?: string;
  /** Authorities in PEM that are trusted beside the usual ones. */
  ca?: readonly string[];
  /** At least one; `anonymous` is one of them where it may be used. */
  identities: readonly Identity[];
  tags: TagPolicy;
  /** Docker's official images come from ECR Public where Docker Hub gives none: by digest only, by tag too, or never. */
  fallback: "digest" | "tag" | "off";
}

export interface UpstreamsOptions {
  upstreams: readonly UpstreamSettings[];
  content: PulledContent;
  /** Milliseconds that a client's manifest is held while no pull is left. */
  waitMaximum: number;
  /** How patient the questions to upstreams are; see UpstreamClientOptions. */
  patience?: Partial<
    Pick<
      UpstreamClientOptions,
      "connectMilliseconds" | "silenceMilliseconds" | "backoffMilliseconds" | "budgetMilliseconds"
    >
  >;
  /** Of replicas that share the content; none where absent. */
  leases?: Leases;
  /** Memory for the blobs of all upstreams; its own where absent. */
  blocks?: BlockPool;
  /** Kept in this process's memory where absent. */
  standingsOf?(upstream: string): IdentityStandings;
  onExchange(exchange: UpstreamExchange): void;
  onPull(event: PullEvent): void;
  onBudget?(upstream: string, warning: BudgetWarning): void;
  onLoginRefused?(upstream: string, identity: string): void;
  onStoreFailure?(error: unknown): void;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The upstreams of a gateway, each as content of its own. */
export interface Upstreams {
  find(name: string): RegistryContent | undefined;
  standings(): { upstream: string; standings: IdentityStanding[] }[];
  /** Ends what is under way. */
  close(): Promise<void>;
}

interface OpenUpstream {
  settings: UpstreamSettings;
  pool: IdentityPool;
  client: OpenUpstreamClient;
}

/** Between two looks whether a pull has become free, for a client that is held. */
const waitInterval = 1000;

/** Milliseconds that another replica's question about a tag or a manifest is waited for. */
const leasePatience = 10_000;

export function openUpstreams(options: UpstreamsOptions): Upstreams {
  const open = new Map(options.upstreams.map((settings) => [settings.name, openUpstream(settings, options)]));
  const downloads: BlobDownloads[] = [];
  const { blocks = createBlockPool() } = options;
  const contents = new Map(
    [...open.values()].map(({ settings, client }) => {
      const content = contentOf(settings, client, open.get("public.ecr.aws"), { ...options, blocks });
      downloads.push(content.downloads);
      return [settings.name, content.pulled];
    }),
  );
  return {
    find: (name) => contents.get(name),
    standings: () => [...open].map(([upstream, { pool }]) => ({ upstream, standings: pool.standings() })),
    async close() {
      for (const { client } of open.values()) client.close();
      await Promise.all(downloads.map((download) => download.close()));
    },
  };
}

function openUpstream(settings: UpstreamSettings, options: UpstreamsOptions): OpenUpstream {
  const { name, baseUrl, ca, identities } = settings;
  const { now, onExchange, standingsOf, onBudget, onLoginRefused } = options;
  const pool = openIdentityPool(identities, {
    now,
    ...(standingsOf === undefined ? {} : { standings: standingsOf(name) }),
    onBudget: (warning) => onBudget?.(name, warning),
    onLoginRefused: (identity) => onLoginRefused?.(name, identity),
  });
  const client = createUpstreamClient({
    ...{ name, pool, now, onExchange, ...options.patience },
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(ca === undefined ? {} : { ca }),
  });
  return { settings, pool, client };
}

/** The next identity is the client's own affair, then comes the fallback, then the wait. */
function contentOf(
  settings: UpstreamSettings,
  client: OpenUpstreamClient,
  ecrPublic: OpenUpstream | undefined,
  options: UpstreamsOptions & { blocks: BlockPool },
): { pulled: RegistryContent; downloads: BlobDownloads } {
  const { name, tags, fallback } = settings;
  const { content, blocks, now, sleep, waitMaximum, onPull, onStoreFailure } = options;
  const leases = patientLeases(options);
  const isBacked = name === "docker.io" && fallback !== "off" && ecrPublic !== undefined;
  const backed = isBacked
    ? fallBack(client, {
        client: ecrPublic.client,
        repositoryOf: officialImageOnEcrPublic,
        tags: fallback === "tag",
      })
    : client;
  const upstream = waitForPull(backed, { maximum: waitMaximum, interval: waitInterval, now, sleep });
  const downloads = openBlobDownloads({
    upstream,
    content,
    leases,
    pool: blocks,
    nameOf: (repository) => `${name}/${repository}`,
    ...(onStoreFailure === undefined ? {} : { onStoreFailure }),
  });
  return {
    pulled: createPullThrough({ name, upstream, content, downloads, policy: tags, leases, now, onPull }),
    downloads,
  };
}

/** Longer than a replica may hold a manifest's request: two that wait for a pull must not spend one each. */
function patientLeases({ leases = noReplicas, waitMaximum }: UpstreamsOptions): Leases {
  const patience = waitMaximum + leasePatience;
  return { hold: (key, work, options) => leases.hold(key, work, { patience, ...options }) };
}
