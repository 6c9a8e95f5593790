import type { LoginStep } from "../build-job.ts";

/**
 * Docker and BuildKit look for Docker Hub's login under this key alone. `docker login` keeps one there without a host, for
 * exactly `docker.io` and for the key itself; any other host is cut down to its name and kept under that, where no pull
 * looks: `index.docker.io` too. What a script writes into the client's file is kept under the key as written.
 * https://github.com/docker/cli/blob/v28.2.2/cli/command/registry/login.go
 * https://github.com/docker/cli/blob/v28.2.2/cli/config/credentials/file_store.go
 * https://github.com/moby/buildkit/blob/v0.22.0/session/auth/authprovider/authprovider.go
 */
const dockerHubKey = "https://index.docker.io/v1/";

/** One registry to the clients that know a host by any of its names. */
const registryHosts = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Hosts by which somebody means Docker Hub. */
const meantHosts = new Set([
  ...registryHosts,
  "registry.hub.docker.com",
  "hub.docker.com",
  "auth.docker.io",
  "www.docker.com",
]);

export function isDockerHubLogin({ host, password, normalizesHost }: LoginStep): boolean {
  if (host === undefined || host === dockerHubKey) return true;
  if (normalizesHost === true) return registryHosts.has(hostName(host));
  return host === "docker.io" && password !== "config" && password !== "helper";
}

/** Meant for Docker Hub, and kept where no pull looks. */
export function isDeafDockerHubLogin(login: LoginStep): boolean {
  return login.host !== undefined && !isDockerHubLogin(login) && meantHosts.has(hostName(login.host));
}

/** The client's whole file comes out of a variable: which logins it holds is not said. */
export function isUnknownLogin({ host, password }: LoginStep): boolean {
  return password === "config" && host?.startsWith("$") === true;
}

function hostName(host: string): string {
  return host.replace(/^https?:\/\//, "").replace(/(?::443)?(?:\/.*)?$/, "");
}
