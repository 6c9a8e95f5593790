import { UsageError } from "../usage-error.ts";
import type { BuildEngine, BuildEngineOptions } from "./build-engine.ts";
import { checkEngines } from "./check-engines.ts";
import { startDockerEngine } from "./start-docker-engine.ts";
import { startPodmanEngine } from "./start-podman-engine.ts";

/** containerd's longest socket name below the directory takes 45 of the 107 bytes of a unix socket's path. */
const longestDirectory = 60;

/**
 * Starts a container engine for one build. What it makes on the machine (processes, mounts, bridge, firewall rules,
 * cgroups, data) is gone after stop(), and also after this process has been killed.
 * Throws UsageError CONTAINERS_… where none can be had.
 */
export async function startBuildEngine(options: BuildEngineOptions): Promise<BuildEngine> {
  if (Buffer.byteLength(options.directory) > longestDirectory) {
    throw new UsageError(
      "CONTAINERS_PATH_TOO_LONG",
      `${options.directory} is too long for the sockets of a container engine: ${longestDirectory} bytes at most.`,
    );
  }
  const { description, client } = await checkEngines(options);
  if (client === undefined) return startPodmanEngine(options, description);
  return startDockerEngine(options, { description, client });
}
