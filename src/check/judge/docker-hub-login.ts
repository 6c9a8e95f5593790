import type { LoginStep } from "../build-job.ts";

/**
 * Docker keeps a login under the host as it is typed, and looks for Docker Hub's under this key alone:
 * https://github.com/docker/cli/blob/master/cli/command/registry/login.go. `docker.io` is turned into it.
 */
const dockerHubKey = "https://index.docker.io/v1/";

const servingHosts = new Set([
  dockerHubKey,
  "docker.io",
  "index.docker.io",
  "https://index.docker.io/v1",
  "index.docker.io/v1/",
]);

/** Names of Docker Hub under which a login is kept and never used for a pull. */
const deafHosts =
  /^(?:https?:\/\/)?(?:registry-1\.docker\.io|registry\.hub\.docker\.com|hub\.docker\.com|auth\.docker\.io|www\.docker\.com)(?:\/.*)?$/;

export function isDockerHubLogin({ host }: LoginStep): boolean {
  return host === undefined || servingHosts.has(host);
}

/** Meant for Docker Hub, and kept where no pull looks. */
export function isDeafDockerHubLogin({ host }: LoginStep): boolean {
  return (
    host !== undefined &&
    !servingHosts.has(host) &&
    (deafHosts.test(host) || /^(?:https?:\/\/)?(?:index\.)?docker\.io\//.test(host))
  );
}
