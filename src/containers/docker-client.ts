import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { findPrograms } from "./find-program.ts";
import type { VersionMemory } from "./version-memory.ts";

/** A `docker` command on this machine, and what it can do. */
export interface DockerClient {
  file: string;
  /** `20.10.24+dfsg1`, `28.2.2` */
  version: string;
  major: number;
  /** Where BuildKit's half of the client comes from; "none" means that DOCKER_BUILDKIT=1 is refused. */
  buildKit: "built in" | "buildx plugin" | "none";
}

/** System-wide plug-in directories. Those in a user's HOME do not count: a build has a HOME of its own. */
const pluginDirectories = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

/**
 * All `docker` clients on `path`, in order, each once. Podman under that name is none.
 * From 23 on the client leaves BuildKit to the buildx plugin and refuses DOCKER_BUILDKIT=1 without it; 18.09 to 20.10
 * hold it themselves.
 */
export async function findDockerClients(
  path: string,
  { plugins = pluginDirectories, memory }: { plugins?: readonly string[]; memory?: VersionMemory } = {},
): Promise<DockerClient[]> {
  const files = findPrograms("docker", path);
  const real = files.map((file) => realpathSync(file));
  const distinct = files.filter((_, index) => real.indexOf(real[index] as string) === index);
  const hasBuildx = findPrograms("docker-buildx", plugins.join(":")).length > 0;
  const clients = await Promise.all(distinct.map((file) => inspectClient(file, hasBuildx, memory)));
  return clients.filter((client) => client !== undefined);
}

/** First the clients that can build with BuildKit and without it, else the first there is. */
export function chooseDockerClient(clients: readonly DockerClient[]): DockerClient | undefined {
  return clients.find(({ buildKit }) => buildKit !== "none") ?? clients[0];
}

/** For people: which client, and why not the one that `docker` names in their shell. */
export function describeDockerClient(client: DockerClient, clients: readonly DockerClient[]): string {
  const name = `client ${client.version} (${client.file})`;
  if (client.buildKit === "none") {
    return `${name}: ${missingBuildKit(client)}, so builds with DOCKER_BUILDKIT=1 fail`;
  }
  const passed = clients[0];
  if (passed === undefined || passed.file === client.file) return name;
  return `${name}, because ${passed.file} (${passed.version}) ${missingBuildKit(passed)}`;
}

/** Why a client refuses DOCKER_BUILDKIT=1. */
export function missingBuildKit({ major }: DockerClient): string {
  return major < 23 ? "has no BuildKit" : "lacks the buildx plugin";
}

async function inspectClient(
  file: string,
  hasBuildx: boolean,
  memory: VersionMemory | undefined,
): Promise<DockerClient | undefined> {
  const known = memory?.find(file);
  const answer = known ?? (await readVersion(file));
  if (known === undefined && answer !== "") memory?.remember(file, answer);
  const match = /^Docker version (\d+)\.(\d+)\.([^\s,]+)/.exec(answer);
  if (match === null) return undefined;
  const [, major = "", minor = "", rest = ""] = match;
  return {
    file,
    version: `${major}.${minor}.${rest}`,
    major: Number(major),
    buildKit: buildKitOf(Number(major), Number(minor), hasBuildx),
  };
}

function buildKitOf(major: number, minor: number, hasBuildx: boolean): DockerClient["buildKit"] {
  if ((major === 18 && minor >= 9) || (major > 18 && major < 23)) return "built in";
  return hasBuildx && major >= 23 ? "buildx plugin" : "none";
}

/** Empty where the program does not run. */
function readVersion(file: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, ["--version"], { timeout: 10_000 }, (error, stdout) => resolve(error === null ? stdout : ""));
  });
}
