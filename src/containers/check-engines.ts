import { UsageError } from "../usage-error.ts";
import {
  chooseDockerClient,
  type DockerClient,
  describeDockerClient,
  findDockerClients,
  missingBuildKit,
} from "./docker-client.ts";
import { findPrograms, programPath } from "./find-program.ts";

export interface EngineReport {
  kind: "docker" | "podman";
  /** For people: which engine and client a build will get. */
  description: string;
  /** What will be different from what the user may expect; empty where nothing is. */
  warnings: string[];
  /** The chosen client of a Docker engine. */
  client?: DockerClient;
}

export interface CheckEnginesOptions {
  engine: "auto" | "docker" | "podman";
  /** PATH to look for engines in; the system's directories are looked in after it. */
  path: string;
  /** The docker clients on that path, where they have been looked at already. */
  dockerClients?: readonly DockerClient[];
  /** For tests: false leaves the system's directories out. */
  system?: boolean;
  platform?: NodeJS.Platform;
  isRoot?: boolean;
}

/** What the supervisor calls, with the Debian package of each. */
const dockerPrograms = { ip: "iproute2", unshare: "util-linux", setpriv: "util-linux", flock: "util-linux" };
const podmanPrograms = { unshare: "util-linux", setpriv: "util-linux", flock: "util-linux", nsenter: "util-linux" };

/**
 * Says which engine a privileged build will get, without starting any. Throws UsageError CONTAINERS_… where there is
 * none: the caller asks before it makes anything.
 */
export async function checkEngines(options: CheckEnginesOptions): Promise<EngineReport> {
  const { engine, platform = process.platform, isRoot = process.getuid?.() === 0 } = options;
  if (platform !== "linux") {
    throw new UsageError("CONTAINERS_NOT_LINUX", `A private container engine needs Linux; this is ${platform}.`, {
      hint: "Run chubo in a Linux virtual machine, or set privilegedMode to false.",
    });
  }
  if (!isRoot) {
    throw new UsageError("CONTAINERS_NOT_ROOT", "A private container engine can be started by root only.", {
      hint: "Run chubo with sudo, or set privilegedMode to false.",
    });
  }
  const path = options.system === false ? options.path : programPath(options.path);
  const docker = engine === "podman" ? "not asked for" : await findDocker(path, options.dockerClients);
  if (typeof docker === "object") return docker;
  const podman = engine === "docker" ? "not asked for" : findPodman(path);
  if (typeof podman === "object") return podman;
  throw missingEngine(engine, docker, podman);
}

/** The report, or why there is none. */
async function findDocker(path: string, known?: readonly DockerClient[]): Promise<EngineReport | string> {
  if (findPrograms("dockerd", path).length === 0) return "no dockerd on PATH";
  const clients = known ?? (await findDockerClients(path));
  const client = chooseDockerClient(clients);
  if (client === undefined) return "a dockerd, but no docker client on PATH";
  const missing = findMissing(dockerPrograms, path);
  if (missing !== undefined) return missing;
  const warnings =
    client.buildKit === "none"
      ? [`Builds with DOCKER_BUILDKIT=1 will fail: ${client.file} (${client.version}) ${missingBuildKit(client)}.`]
      : [];
  if (findPrograms("iptables-restore", path).length === 0) {
    warnings.push("RUN steps will have no network beyond this machine: iptables is not installed.");
  }
  return { kind: "docker", description: `private dockerd, ${describeDockerClient(client, clients)}`, warnings, client };
}

function findPodman(path: string): EngineReport | string {
  const [podman] = findPrograms("podman", path);
  if (podman === undefined) return "no podman on PATH";
  const missing = findMissing(podmanPrograms, path);
  if (missing !== undefined) return missing;
  const warnings = ["Builds run without BuildKit, whatever DOCKER_BUILDKIT says: the engine is podman."];
  return { kind: "podman", description: `podman under the name docker (${podman})`, warnings };
}

function findMissing(programs: Record<string, string>, path: string): string | undefined {
  const missing = Object.keys(programs).filter((name) => findPrograms(name, path).length === 0);
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((name) => programs[name]))].join(" ");
  return `${missing.join(", ")} not on PATH (apt-get install ${packages})`;
}

function missingEngine(engine: CheckEnginesOptions["engine"], docker: string, podman: string): UsageError {
  const found = { auto: `${docker}, ${podman}`, docker, podman }[engine];
  const wanted = engine === "auto" ? "a container engine" : engine;
  const packageName = engine === "podman" ? "podman" : "docker.io";
  return new UsageError(
    "CONTAINERS_ENGINE_MISSING",
    `The build is privileged and needs ${wanted}, but there is ${found}.`,
    {
      hint: `apt-get install ${packageName}`,
    },
  );
}
