import { mkdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { openLocalPulledContent } from "../gateway/content/local-pulled-content.ts";
import type { PulledContent } from "../gateway/content/pulled-content.ts";
import type { IdentityStandings } from "../gateway/identities/identity-standings.ts";
import type { Leases } from "../gateway/leases.ts";
import { openSqliteUpstreamLedger } from "../gateway/ledger/sqlite-upstream-ledger.ts";
import type { UpstreamLedger } from "../gateway/ledger/upstream-ledger.ts";
import { openFileContentStore } from "../store/file-content-store.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { GatewayLayout } from "../store/state-layout.ts";

/** Where a gateway keeps what it has pulled and what it knows: this machine's disk, or what several replicas share. */
export interface GatewayStorage {
  content: PulledContent;
  ledger: UpstreamLedger;
  /** Of replicas that share the content; none where absent. */
  leases?: Leases;
  /** Kept in the process's memory where absent. */
  standingsOf?(upstream: string): IdentityStandings;
  /** Keeps an image, named by its canonical repository and a tag or digest, from making room for others. */
  pin(repository: string, reference: string): void | Promise<void>;
  stats?(): { bytes: number; evictions: number };
  /** To be called from time to time. */
  collectGarbage(): Promise<void>;
  close(): void | Promise<void>;
}

export interface LocalStorageOptions {
  maximumBytes?: number;
  /** Milliseconds. */
  unusedFor?: number;
  now(): number;
  onDefect(error: unknown): void;
}

/** A gateway never fills the disk for the machine's other programs. */
const spareBytes = 1024 ** 3;

export function openLocalGatewayStorage(layout: GatewayLayout, options: LocalStorageOptions): GatewayStorage {
  const { now, maximumBytes, unusedFor, onDefect } = options;
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const store = openSqliteStore(layout.database);
  const content = openLocalPulledContent({
    ...{ store, content: openFileContentStore(layout), now },
    ...(maximumBytes === undefined ? {} : { maximumBytes }),
    ...(unusedFor === undefined ? {} : { unusedFor }),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(layout.root);
      return bavail * bsize - spareBytes;
    },
  });
  const ledger = openSqliteUpstreamLedger({ file: layout.ledger, now, onDefect });
  return {
    content,
    ledger,
    pin: content.pin,
    stats: content.stats,
    collectGarbage: content.collectGarbage,
    close() {
      content.close();
      ledger.close();
      store.close();
    },
  };
}
