// What the demo and the tests need of the system: which Debian package, why, and how to tell that it is there.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chooseDockerClient, findDockerClients } from "../src/containers/docker-client.ts";
import { findPrograms, programPath } from "../src/containers/find-program.ts";

export interface SystemPackage {
  name: string;
  why: string;
  isThere(): boolean | Promise<boolean>;
  /** Needed beside it where the distribution has packages of these names. */
  companions?: string[];
}

/** Builds on the host get this PATH; a program elsewhere, such as a version manager's shim, is none for them. */
const buildPath = programPath("");

const demoPackages: SystemPackage[] = [
  {
    name: "docker.io",
    why: "each build gets a Docker daemon of its own",
    isThere: hasDocker,
    // From Debian 13 on the client and BuildKit's part of it are packages of their own.
    companions: ["docker-cli", "docker-buildx"],
  },
  { name: "awscli", why: "buildspecs call aws", isThere: hasAws },
  { name: "jq", why: "buildspecs call jq", isThere: () => hasProgram("jq") },
  { name: "iptables", why: "RUN steps of a docker build get network", isThere: () => hasProgram("iptables-restore") },
  { name: "iproute2", why: "each build's Docker daemon gets a bridge of its own", isThere: () => hasProgram("ip") },
  { name: "busybox-static", why: "the simulated Docker Hub's images are made of it", isThere: hasStaticBusybox },
  { name: "git", why: "buildspecs call git", isThere: () => hasProgram("git") },
];

const testPackages: SystemPackage[] = [
  { name: "podman", why: "tested as an engine and as a client", isThere: () => hasProgram("podman") },
  { name: "buildah", why: "tested as a client", isThere: () => hasProgram("buildah") },
  { name: "skopeo", why: "tested as a client", isThere: () => hasProgram("skopeo") },
  { name: "pre-commit", why: "runs the hook of this repository", isThere: () => hasProgram("pre-commit") },
  { name: "curl", why: "tested as a client of the proxy", isThere: () => hasProgram("curl") },
  { name: "redis-server", why: "replicas of the gateway share it", isThere: () => hasProgram("redis-server") },
  {
    name: "python3-boto3",
    why: "tested as a client",
    isThere: () => existsSync("/usr/lib/python3/dist-packages/boto3/__init__.py"),
  },
];

export type Purpose = "demo" | "tests";

/** The packages of that purpose that are not there yet. */
export async function findMissingPackages(purpose: Purpose): Promise<SystemPackage[]> {
  const wanted = purpose === "demo" ? demoPackages : [...demoPackages, ...testPackages];
  const there = await Promise.all(wanted.map((one) => one.isThere()));
  return wanted.filter((_, index) => !there[index]);
}

function hasProgram(name: string): boolean {
  return findPrograms(name, buildPath).length > 0;
}

/** A lone client is no engine. Debian 12's own client has BuildKit inside; of any other it is asked. */
async function hasDocker(): Promise<boolean> {
  if (!hasProgram("dockerd")) return false;
  const clients = await findDockerClients(buildPath);
  return clients.length > 0 && chooseDockerClient(clients)?.buildKit !== "none";
}

/** Distributions' own programs are taken to run; any other `aws` may be a shim with nothing behind it. */
function hasAws(): boolean {
  const [file] = findPrograms("aws", buildPath);
  if (file === undefined || file === "/usr/bin/aws" || file === "/bin/aws") return file !== undefined;
  try {
    execFileSync(file, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    // It does not run, for whatever reason. Debian's serves builds if nothing on their PATH comes before it.
    return false;
  }
}

/** A program that needs no loader does not name one. */
function hasStaticBusybox(): boolean {
  const [file] = findPrograms("busybox", buildPath);
  return file !== undefined && !readFileSync(file).subarray(0, 4096).includes("/ld-");
}
