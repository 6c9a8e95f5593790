import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { chooseDockerClient, type DockerClient } from "./docker-client.ts";

/** What a build without privilegedMode gets of Docker. */
export interface UnprivilegedDocker {
  /** Comes first on the build's PATH; holds `docker` where this machine has a client. */
  binDirectory: string;
  environment: Record<string, string>;
}

/**
 * Gives a build the docker client and no daemon, as AWS's images do: `docker build` fails with "Cannot connect to the
 * Docker daemon at unix://…. Is the docker daemon running?". AWS's text has /var/run/docker.sock there; here it is a path
 * at which nothing ever listens, so that a build cannot reach the user's own daemon, and whose name says why.
 */
export function unprivilegedDockerBin(options: {
  directory: string;
  clients: readonly DockerClient[];
}): UnprivilegedDocker {
  const binDirectory = join(options.directory, "bin");
  mkdirSync(binDirectory, { recursive: true, mode: 0o700 });
  const client = chooseDockerClient(options.clients);
  if (client !== undefined) symlinkSync(client.file, join(binDirectory, "docker"));
  const socket = join(options.directory, "privileged-mode-is-off", "docker.sock");
  return { binDirectory, environment: { DOCKER_HOST: `unix://${socket}` } };
}
