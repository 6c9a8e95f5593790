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
  // Its tokens come from the same host, below /token/; where its blobs are redirected to is not known for certain.
  { name: "public.ecr.aws", apiHosts: ["public.ecr.aws"], tokenHosts: ["public.ecr.aws"], blobHosts: [] },
];

export function findUpstream(host: string): UpstreamRegistry | undefined {
  return upstreamRegistries.find((registry) =>
    [registry.apiHosts, registry.tokenHosts, registry.blobHosts].some((hosts) => hosts.includes(host)),
  );
}
