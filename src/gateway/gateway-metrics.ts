import type { UpstreamRequestRecord } from "./upstream-ledger.ts";

/** Counters by the values of their labels, in the order of the labels. Counts of this process since its start. */
export interface GatewayCounters {
  /** upstream, kind, status (`none` where no answer came) */
  requests: Map<string, Count>;
  /** upstream, identity */
  countedPulls: Map<string, Count>;
  /** upstream, limit: `pull`, `other` */
  tooManyRequests: Map<string, Count>;
  /** upstream */
  bytesFromUpstream: Map<string, Count>;
  /** upstream, kind, outcome */
  pulls: Map<string, Count>;
  /** upstream */
  bytesToClients: Map<string, Count>;
}

export interface Count {
  labels: readonly string[];
  value: number;
}

export interface GatewayMeter {
  /** Each request that left, as the ledger has it. */
  countRequest(record: UpstreamRequestRecord): void;
  /** How a client's pull was answered: `hit`, `miss`, `stale`, `absent`, `failed`. */
  countPull(event: { upstream: string; kind: string; outcome: string }): void;
  countBytesToClient(upstream: string, bytes: number): void;
  readonly counters: Readonly<GatewayCounters>;
}

export function createGatewayMeter(): GatewayMeter {
  const counters: GatewayCounters = {
    requests: new Map(),
    countedPulls: new Map(),
    tooManyRequests: new Map(),
    bytesFromUpstream: new Map(),
    pulls: new Map(),
    bytesToClients: new Map(),
  };
  return {
    counters,
    countRequest({ upstream, kind, status, counted, identity, bytes, remaining }) {
      count(counters.requests, [upstream, kind, String(status ?? "none")]);
      if (counted) count(counters.countedPulls, [upstream, identity]);
      count(counters.bytesFromUpstream, [upstream], bytes);
      // Only an answer for the allowance of pulls says what is left of it.
      if (status === 429) count(counters.tooManyRequests, [upstream, remaining === undefined ? "other" : "pull"]);
    },
    countPull: ({ upstream, kind, outcome }) => count(counters.pulls, [upstream, kind, outcome]),
    countBytesToClient: (upstream, bytes) => count(counters.bytesToClients, [upstream], bytes),
  };
}

/** All values of these labels are names of the configuration or words of a short list: the maps stay small. */
function count(counts: Map<string, Count>, labels: readonly string[], by = 1): void {
  const key = labels.join("\n");
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { labels, value: by });
  else known.value += by;
}
