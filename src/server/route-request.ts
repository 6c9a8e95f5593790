import type { IncomingMessage, ServerResponse } from "node:http";

/** The parts behind the port. A host is in lower case and without port number. */
export interface PortHandlers {
  aws: {
    /** True for a SigV4 signature, in a header or a query. */
    handles(request: IncomingMessage): boolean;
    servedHost(host: string): boolean;
    handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
  registry: {
    servesHost(host: string): boolean;
    handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
  gateway: {
    serves(host: string): boolean;
    /** Pulls that come to the port's own address and are no repository of the registry's: `/v2/docker.io/…`, `?ns=`. */
    takes?(path: string, query: string): boolean;
    handle(host: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
  /** Paths that begin with `/_chubo/`, and those that it serves beside them. */
  internal: {
    servesPath?(path: string): boolean;
    handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
}

export type Route = "aws" | "registry" | "gateway" | "internal" | "none";

/**
 * Whose request this is: a signature, then the host, then the path, and nothing else.
 * `url` must be in origin form. Clients that point at this port by its address have only signature and path.
 */
export function routeRequest(
  request: IncomingMessage,
  host: string,
  handlers: PortHandlers,
  findHostRoute = (name: string) => routeHost(name, handlers),
): Route {
  if (handlers.aws.handles(request)) return "aws";
  const hostRoute = findHostRoute(host);
  if (hostRoute !== undefined) return hostRoute;
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  if (path === "/v2" || path.startsWith("/v2/")) return handlers.gateway.takes?.(path, query) ? "gateway" : "registry";
  return path.startsWith("/_chubo/") || handlers.internal.servesPath?.(path) ? "internal" : "none";
}

/** What the host alone decides. */
export function routeHost(host: string, handlers: PortHandlers): Route | undefined {
  if (handlers.registry.servesHost(host)) return "registry";
  if (handlers.gateway.serves(host)) return "gateway";
  // Unsigned, but meant for AWS: AWS's own words for it are the right answer.
  return handlers.aws.servedHost(host) ? "aws" : undefined;
}

/** True for hosts whose requests the port answers itself, in place of the real host. */
export function servesHost(host: string, handlers: PortHandlers): boolean {
  return handlers.registry.servesHost(host) || handlers.gateway.serves(host) || handlers.aws.servedHost(host);
}

/** Host and port of `host:port`, `[v6]:port` or a host alone; undefined for what is none. The host is in lower case. */
export function parseAuthority(text: string): { host: string; port: number | undefined } | undefined {
  const match = /^(?:\[([\da-f:.]+(?:%[\w.-]+)?)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  return { host: (match[1] ?? match[2] ?? "").toLowerCase(), port };
}
