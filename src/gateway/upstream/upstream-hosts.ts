/** Hosts of a registry: those that serve its API, its token service and its blobs. */
export interface UpstreamRegistry {
  /** As references name it. */
  name: string;
  apiHosts: readonly string[];
  tokenHosts: readonly string[];
  blobHosts: readonly string[];
}

export const upstreamRegistries: readonly UpstreamRegistry[] = [
  {
    name: "docker.io",
    apiHosts: ["registry-1.docker.io", "index.docker.io", "docker.io"],
    tokenHosts: ["auth.docker.io"],
    blobHosts: ["production.cloudflare.docker.com", "production.cloudfront.docker.com"],
  },
  {
    name: "public.ecr.aws",
    apiHosts: ["public.ecr.aws"],
    // The same host, below /token/.
    tokenHosts: ["public.ecr.aws"],
    // As allow-lists of its users name them; a blob at another host is fetched past the gateway, which loses nothing.
    blobHosts: ["d5l0dvt14r5h8.cloudfront.net", "d2glxqk2uabbnd.cloudfront.net"],
  },
];

/** `host` may be in any case and with a port. */
export function findUpstream(host: string): UpstreamRegistry | undefined {
  const name = hostName(host);
  return upstreamRegistries.find((registry) =>
    [registry.apiHosts, registry.tokenHosts, registry.blobHosts].some((hosts) => hosts.includes(name)),
  );
}

export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}
