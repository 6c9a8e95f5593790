import type { IdentityPool } from "../identities/identity.ts";
import { getBlob, headBlob } from "./upstream-blobs.ts";
import type { UpstreamClient } from "./upstream-client.ts";
import type { UpstreamExchange } from "./upstream-exchange.ts";
import { listReferrers, listTags } from "./upstream-lists.ts";
import { getManifest, headManifest } from "./upstream-manifests.ts";
import { createUpstreamSession } from "./upstream-session.ts";
import { createUpstreamWire } from "./upstream-wire.ts";

export interface UpstreamClientOptions {
  /** As references name the registry: `docker.io`, `ghcr.io`, `localhost:5000`. */
  name: string;
  /**
   * Where the registry is reached with all its hosts (API, tokens, blobs), as the gateway's owner wrote it; they keep
   * their names in the Host header. Absent: `https://HOST`, and no private address. Such a base may be private.
   */
  baseUrl?: string;
  /** Authorities in PEM that its hosts' certificates may come from, beside the usual ones. */
  ca?: readonly string[];
  pool: IdentityPool;
  /** Milliseconds since 1970. */
  now(): number;
  /** Told each request that left, tokens and redirects included, when its answer has ended. Must not throw. */
  onExchange?(exchange: UpstreamExchange): void;
  /** How long a connection may take to be ready; 10 seconds where absent. */
  connectMilliseconds?: number;
  /** How long an answer, or the next bytes of one, may be waited for; a minute where absent. */
  silenceMilliseconds?: number;
  /** How long the body of an answer other than a blob may take; two minutes where absent. */
  wholeMilliseconds?: number;
  /** Before the first repetition; 200 where absent. */
  backoffMilliseconds?: number;
  /** How long a question may take for another repetition to begin; 30 seconds where absent. */
  budgetMilliseconds?: number;
  /** From 0 up to 1, for the spread of repetitions. */
  random?(): number;
  /** Which addresses an upstream may not lead to; all that are not reached globally where absent. */
  isPrivate?(address: string): boolean;
}

export interface OpenUpstreamClient extends UpstreamClient {
  /** Ends all that is under way: it fails as `unavailable`, bodies break off. */
  close(): void;
}

/** Asks one upstream registry over HTTP. Throws UsageError CONFIG_UPSTREAM for an address that is none. */
export function createUpstreamClient(options: UpstreamClientOptions): OpenUpstreamClient {
  const { name, pool, now, backoffMilliseconds = 200, budgetMilliseconds = 30_000, random = Math.random } = options;
  const wire = createUpstreamWire({
    name,
    now,
    onExchange: (exchange) => options.onExchange?.(exchange),
    connectMilliseconds: options.connectMilliseconds ?? 10_000,
    silenceMilliseconds: options.silenceMilliseconds ?? 60_000,
    wholeMilliseconds: options.wholeMilliseconds ?? 120_000,
    ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.isPrivate === undefined ? {} : { isPrivate: options.isPrivate }),
  });
  const retry = { now, random, backoffMilliseconds, budgetMilliseconds, signal: wire.signal };
  const session = createUpstreamSession({ name, pool, wire, retry });
  return {
    headManifest: (repository, reference) => headManifest(session, repository, reference),
    getManifest: (repository, reference) => getManifest(session, repository, reference),
    headBlob: (repository, digest) => headBlob(session, repository, digest),
    getBlob: (repository, digest, start) => getBlob(session, repository, digest, start),
    listTags: (repository, page = {}) => listTags(session, repository, page),
    listReferrers: (repository, subject) => listReferrers(session, repository, subject),
    close: wire.close,
  };
}
