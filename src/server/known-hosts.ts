import { LRUCache } from "lru-cache";
import { type PortHandlers, parseAuthority, type Route, routeHost } from "./route-request.ts";

/** What the port has found out about `Host` headers. Whom a host belongs to does not change while the port is open. */
export interface KnownHosts {
  /** Undefined for what is no host. */
  parse(header: string): string | undefined;
  route(host: string): Route | undefined;
}

/** Clients send what they like: only so many are remembered, and none that is longer than a name may be. */
const maximum = 500;
const longestName = 262;

export function createKnownHosts(handlers: PortHandlers): KnownHosts {
  const hosts = new LRUCache<string, { host: string | undefined }>({ max: maximum });
  const routes = new LRUCache<string, { route: Route | undefined }>({ max: maximum });
  return {
    parse(header) {
      const known = hosts.get(header);
      if (known !== undefined) return known.host;
      const host = parseAuthority(header)?.host;
      if (header.length <= longestName) hosts.set(header, { host });
      return host;
    },
    route(host) {
      const known = routes.get(host);
      if (known !== undefined) return known.route;
      const route = routeHost(host, handlers);
      if (host.length <= longestName) routes.set(host, { route });
      return route;
    },
  };
}
