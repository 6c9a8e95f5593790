import { setTimeout } from "node:timers/promises";
import type { PulledContent } from "../content/pulled-content.ts";
import { openS3PulledContent, type S3PulledContentOptions } from "../content/s3-pulled-content.ts";
import type { IdentityStandings } from "../identities/identity-standings.ts";
import { type Leases, noReplicas } from "../leases.ts";
import { openSqliteUpstreamLedger } from "../ledger/sqlite-upstream-ledger.ts";
import type { UpstreamLedger } from "../ledger/upstream-ledger.ts";
import { openRedisLeases } from "./redis-leases.ts";
import { openRedisLink, type RedisLink } from "./redis-link.ts";
import { openRedisStandings } from "./redis-standings.ts";
import { openSharedLedger } from "./shared-ledger.ts";

export interface SharedContentSettings {
  s3: S3PulledContentOptions;
  redis?: {
    /** `redis://…` or `rediss://…`. */
    url: string;
    /** Before each key and channel; `chubo:` where absent. Gateways that share the bucket and prefix share this too. */
    prefix?: string;
  };
  /** SQLite file of this process alone. */
  ledgerFile: string;
  /** Milliseconds since 1970. Replicas' clocks agree to a second or so. */
  now(): number;
  /** Redis cannot be used: this replica goes on with what it knows. Once, until `onRedisBack`. */
  onRedisAway(error: unknown): void;
  onRedisBack(): void;
  onLedgerDefect(error: unknown): void;
}

/** What a gateway is given that shares with others: parts of UpstreamsOptions, and the ledger. */
export interface SharedContent {
  content: PulledContent;
  leases: Leases;
  /** Absent without Redis. */
  standingsOf?(upstream: string): IdentityStandings;
  ledger: UpstreamLedger;
  /** After the upstreams are closed. */
  close(): void;
}

/** Milliseconds; a Redis that is away then is a Redis that comes later. */
const firstConnection = 1000;

/** Opens whether S3 and Redis are there or not. */
export async function openSharedContent(settings: SharedContentSettings): Promise<SharedContent> {
  const { s3, redis, ledgerFile: file, now, onLedgerDefect: onDefect } = settings;
  const content = openS3PulledContent(s3);
  if (redis === undefined) {
    const ledger = openSqliteUpstreamLedger({ file, now, onDefect });
    return { content, leases: noReplicas, ledger, close: () => closeAll([ledger, content]) };
  }
  const { url, prefix = "chubo:" } = redis;
  const link = await openRedisLink({ url, onAway: settings.onRedisAway, onBack: settings.onRedisBack });
  const leases = openRedisLeases(link, { prefix });
  await Promise.race([connected(link), setTimeout(firstConnection, undefined, { ref: false })]);
  const ledger = openSharedLedger(link, { file, now, onDefect, prefix });
  return {
    ...{ content, leases, ledger },
    standingsOf: (upstream) => openRedisStandings(link, { prefix, upstream }),
    close: () => closeAll([ledger, link, content]),
  };
}

function connected(link: RedisLink): Promise<void> {
  return new Promise((resolve) => link.onConnected(resolve));
}

function closeAll(parts: { close(): void }[]): void {
  for (const part of parts) part.close();
}
