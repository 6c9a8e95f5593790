import { parseImageReference } from "../oci/image-reference.ts";
import { RegistryError } from "../registry/registry-error.ts";
import { findUpstream } from "./upstream/upstream-hosts.ts";

/** How a request says which registry it means, beside the repository in its path. */
export interface RepositoryPlace {
  /** The host that the client believes to talk to, where it came through the proxy; lower case, no port. */
  proxiedHost: string | undefined;
  /** containerd's `?ns=`: https://github.com/containerd/containerd/blob/main/docs/hosts.md#registry-host-namespace */
  namespace: string | undefined;
}

/**
 * The canonical repository, registry first: `docker.io/library/httpd`. A client names the registry by the host that it
 * was proxied to, by `?ns=`, or as the first part of the path (`HOST:PORT/ghcr.io/owner/app`). Without any of these it
 * is a Docker Hub mirror's client: dockerd sends the bare name.
 */
export function canonicalRepository(name: string, { proxiedHost, namespace }: RepositoryPlace): string {
  const registry = proxiedHost === undefined ? namespace : registryOf(proxiedHost);
  if (registry === undefined || registry === "") return canonical(name);
  if (!isRegistryName(registry)) throw new RegistryError("NAME_INVALID", { detail: registry });
  return canonical(`${registry}/${name}`);
}

/** What a reference could not take for a part of the repository. */
function isRegistryName(text: string): boolean {
  return !text.includes("/") && (/[.:]/.test(text) || text === "localhost");
}

function registryOf(host: string): string {
  return findUpstream(host)?.name ?? host;
}

/** Docker Hub under one name, with `library/` for official images. */
function canonical(name: string): string {
  try {
    const { registry, repository } = parseImageReference(name);
    return `${registry}/${repository}`;
  } catch (cause) {
    throw new RegistryError("NAME_INVALID", { detail: name, cause });
  }
}

/** `docker.io/library/httpd` → registry and the repository as that registry names it. */
export function splitRepository(canonicalName: string): { registry: string; repository: string } {
  const slash = canonicalName.indexOf("/");
  return { registry: canonicalName.slice(0, slash), repository: canonicalName.slice(slash + 1) };
}
