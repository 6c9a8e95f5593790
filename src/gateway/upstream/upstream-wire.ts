import { setMaxListeners } from "node:events";
import { UsageError } from "../../usage-error.ts";
import { createAddressGuard, ForbiddenAddress } from "./address-guard.ts";
import { findCertificateFault } from "./certificate-fault.ts";
import { followExchange } from "./follow-exchange.ts";
import { createHttpUpstream } from "./upstream.ts";
import type { Send, UpstreamExchange } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { upstreamRegistries } from "./upstream-hosts.ts";

export interface UpstreamWireOptions {
  /** As references name the registry: `docker.io`, `localhost:5000`. */
  name: string;
  /** Where all hosts of the registry are reached, as the gateway's owner wrote it; `https://HOST` where absent. */
  baseUrl?: string;
  /** Authorities in PEM beside the usual ones. */
  ca?: readonly string[];
  now(): number;
  /** Is told each request that left, when its answer has ended. */
  onExchange(exchange: UpstreamExchange): void;
  connectMilliseconds: number;
  /** How long an answer, or the next bytes of one, may be waited for. */
  silenceMilliseconds: number;
  /** How long the body of an answer other than a blob may take. */
  wholeMilliseconds: number;
  /** Which addresses only the owner may name; those that are not reached globally where absent. */
  isPrivate?: (address: string) => boolean;
}

export interface UpstreamWire {
  /** One request; a redirect is not followed. */
  send: Send;
  /** The host that serves the registry's API. */
  apiHost: string;
  /** Whether a host is the registry's own and reached at the address that the owner gave. */
  isMapped(host: string): boolean;
  /** Aborted by `close`. */
  signal: AbortSignal;
  /** Ends what is under way. */
  close(): void;
}

/** The connections to one upstream: where its hosts are, what may be reached, an entry for each request that leaves. */
export function createUpstreamWire(options: UpstreamWireOptions): UpstreamWire {
  const { name, baseUrl, ca, connectMilliseconds, silenceMilliseconds } = options;
  checkBase(name, baseUrl);
  const { hosts, apiHost } = hostsOf(name);
  const isMapped = (host: string) => baseUrl !== undefined && hosts.includes(host);
  const guard = createAddressGuard(baseUrl === undefined ? undefined : new URL(baseUrl).hostname, options.isPrivate);
  const baseOf = (host: string) => (baseUrl !== undefined && isMapped(host) ? baseUrl : `https://${host}`);
  const http = createHttpUpstream({
    ...{ baseUrl: baseOf, connectMilliseconds, silenceMilliseconds, lookup: guard.lookup },
    ...(ca === undefined ? {} : { ca }),
  });
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  function reach({ protocol, host, origin }: URL): string {
    if (isMapped(host) || protocol === "https:") return baseOf(host);
    // Where the owner's own base is in clear, its realm and its blobs may be too.
    if (protocol === "http:" && baseUrl?.startsWith("http:")) return origin;
    throw new UpstreamFailure("faulty", `${name} leads to ${protocol}//${host}, which is not https`);
  }

  function failure(cause: unknown, what = "cannot be reached"): UpstreamFailure {
    if (cause instanceof UpstreamFailure) return cause;
    const { message, code } = cause as NodeJS.ErrnoException;
    if (cause instanceof ForbiddenAddress)
      return new UpstreamFailure("faulty", `${name} leads to ${message}`, { cause });
    if (closing.signal.aborted) return new UpstreamFailure("unavailable", `${name} is no longer asked`, { cause });
    // Of several addresses that all failed, the error has no message but a code.
    return new UpstreamFailure("unavailable", `${name} ${what}: ${message || code}`, { cause });
  }

  return {
    apiHost,
    isMapped,
    signal: closing.signal,
    async send(call) {
      const base = reach(call.url);
      try {
        guard.check(new URL(base).hostname);
      } catch (error) {
        throw failure(error);
      }
      const { host, pathname, search } = call.url;
      const headers = { "user-agent": "chubo", "accept-encoding": "identity", ...call.headers };
      const request = { host, base, method: call.method, path: pathname + search, headers, body: call.body };
      const exchange = followExchange(call, options);
      try {
        const answer = await http.ask({ ...request, signal: closing.signal });
        return { ...answer, url: call.url, body: exchange.answered(answer, (cause) => failure(cause, "breaks off")) };
      } catch (error) {
        // To such an address nothing has left.
        if (!(error instanceof ForbiddenAddress)) exchange.failed();
        const fault = findCertificateFault(error, new URL(base).host);
        // To ask again does not help.
        if (fault !== undefined)
          throw new UpstreamFailure("faulty", `${name} cannot be reached: ${fault}`, { cause: error });
        throw failure(error);
      }
    },
    close() {
      closing.abort();
      http.close();
    },
  };
}

function hostsOf(name: string): { hosts: readonly string[]; apiHost: string } {
  const registry = upstreamRegistries.find((known) => known.name === name);
  // As a URL has it: without the port that goes without saying.
  const own = URL.parse(`https://${name}`)?.host;
  if (own === undefined) throw new UsageError("CONFIG_UPSTREAM", `${name} is no name of a registry`);
  if (registry === undefined) return { hosts: [own], apiHost: own };
  const { apiHosts, tokenHosts, blobHosts } = registry;
  return { hosts: [...apiHosts, ...tokenHosts, ...blobHosts], apiHost: apiHosts[0] ?? own };
}

/** The URL is not shown: a password may stand in it. */
function checkBase(name: string, baseUrl: string | undefined): void {
  if (baseUrl === undefined) return;
  const url = URL.parse(baseUrl);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url !== null && isHttp && url.href === `${url.origin}/`) return;
  throw new UsageError("CONFIG_UPSTREAM", `the address of ${name} is not http(s)://HOST or http(s)://HOST:PORT`, {
    hint: "credentials are given as an identity; a registry below a path is not supported",
  });
}
