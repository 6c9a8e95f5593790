import type { Readable } from "node:stream";
import type { Headers } from "./upstream.ts";

export type ExchangeKind = "token" | "manifest" | "blob" | "tags" | "referrers";

/** One request that left for an upstream, told when its answer's body has ended or broken off. */
export interface UpstreamExchange {
  /** Milliseconds since 1970, when the request left. */
  time: number;
  /** As references name the registry: `docker.io`. */
  upstream: string;
  /** The host that was asked: a redirect is an exchange of its own. */
  host: string;
  /** Account name, or `anonymous`. */
  identity: string;
  kind: ExchangeKind;
  method: "GET" | "HEAD" | "POST";
  repository: string;
  /** Tag or digest; empty for lists and tokens. */
  reference: string;
  /** Undefined where no answer came. */
  status: number | undefined;
  /** True where the answer says that it spent a pull of a limit. */
  counted: boolean;
  /** What the answer said is left of the limit, where it said so. */
  remaining?: number;
  milliseconds: number;
  /** Of the body, as far as it was read. */
  bytes: number;
}

/** A request as the parts of an upstream client hand it on. */
export interface UpstreamCall {
  kind: ExchangeKind;
  /** POST for a token alone. */
  method: "GET" | "HEAD" | "POST";
  /** The registry's real one; where it is reached is for `createUpstreamWire` to say. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  identity: string;
  repository: string;
  reference: string;
  body?: Buffer;
}

export interface UpstreamReply {
  status: number;
  headers: Headers;
  /** To be read to its end or destroyed. */
  body: Readable;
  /** Where it came from in the end. */
  url: URL;
}

/** Throws UpstreamFailure where no answer comes. */
export type Send = (call: UpstreamCall) => Promise<UpstreamReply>;

export function headerOf({ headers }: { headers: Headers }, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
