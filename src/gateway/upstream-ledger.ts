/** Why the gateway asked: it had nothing, it checked a tag, it went on after a cut, it fetched ahead. */
export type RequestReason = "miss" | "revalidate" | "resume" | "prefetch";

/** One request that left for an upstream, entered when its answer has ended. */
export interface UpstreamRequestRecord {
  /** Milliseconds since 1970 when it left. */
  time: number;
  /** As references name the registry: `docker.io`. */
  upstream: string;
  /** Account name, or `anonymous`. */
  identity: string;
  kind: "token" | "manifest" | "blob" | "tags" | "referrers";
  method: string;
  repository: string;
  /** Tag or digest; empty for lists and tokens. */
  reference: string;
  /** Undefined where no answer came. */
  status: number | undefined;
  /** True where the answer says that it spent a pull of a limit. */
  counted: boolean;
  /** What the answer said is left of the limit, where it said so. */
  remaining?: number;
  /** Of the body, as far as it was read. */
  bytes: number;
  milliseconds: number;
  /** Undefined where the asker did not say. */
  why?: RequestReason;
}

/** How a client's request was answered; `stale` was stored and could not be confirmed. */
export type CacheOutcome = "hit" | "miss" | "stale";

export type CacheCounts = Record<CacheOutcome, number>;

export interface Spending {
  name: string;
  counted: number;
}

/** What a gateway asked of its upstreams, and what it did not have to ask. Synchronous and cheap to enter into. */
export interface UpstreamLedger {
  add(record: UpstreamRequestRecord): void;
  /** Costs no write: the counts go to disk with `close` and once an hour. */
  countCache(upstream: string, outcome: CacheOutcome): void;
  /** Newest first. */
  list(query?: { upstream?: string; since?: number; limit?: number }): UpstreamRequestRecord[];
  /** Counted pulls since then by identity, most first. */
  spentByIdentity(upstream: string, since: number): Spending[];
  /** The repositories with the most counted pulls since then. */
  topRepositories(upstream: string, since: number, limit?: number): Spending[];
  /** By upstream, since the ledger was first opened: each hit is a pull that no upstream was asked for. */
  cacheCounts(): ReadonlyMap<string, Readonly<CacheCounts>>;
  /** Writes what is pending. */
  flush(): void;
  close(): void;
}
