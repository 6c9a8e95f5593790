import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "../node-http.ts";
import { UsageError } from "../usage-error.ts";
import { findAddressBlock } from "./address-block.ts";
import type { BuildEngine, BuildEngineOptions } from "./build-engine.ts";
import type { DockerClient } from "./docker-client.ts";
import { engineProxyVariables } from "./engine-proxy-variables.ts";
import { dockerNamespace } from "./engine-supervisor.ts";
import { findPrograms, programPath } from "./find-program.ts";
import { takeLayers } from "./layer-cache.ts";
import { type SupervisedEngine, startSupervisedEngine } from "./supervised-engine.ts";

/**
 * Starts a dockerd that shares nothing with another one: own data, sockets, containerd, bridge, addresses, cgroup.
 *
 *     DIRECTORY/bin/docker  the chosen client
 *     DIRECTORY/engine/     docker.sock  log  lock  data/  exec/  run/ (its /run)  host-run/ (the machine's, seen by it)
 *
 * Both are gone after stop(), but for the data of an engine that is to keep its layers: `data` is a link then.
 */
export async function startDockerEngine(
  options: BuildEngineOptions,
  { description, client }: { description: string; client: DockerClient },
): Promise<BuildEngine> {
  const directory = join(options.directory, "engine");
  const socket = join(directory, "docker.sock");
  const proxy = engineProxyVariables(options);
  const { shared } = options;
  const start = (dataRoot: string | undefined) => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (shared !== undefined) writeFileSync(join(directory, "shared"), `${shared.source}\n${shared.target}\n`);
    if (dataRoot !== undefined) symlinkSync(dataRoot, join(directory, "data"));
    return startSupervisedEngine({
      kind: "docker",
      directory,
      bridge: options.network === "none" ? newBridgeName() : newBridge(),
      namespaceScript: dockerNamespace,
      environment: { ...proxy, PATH: programPath(options.path), HOME: directory, LANG: "C.UTF-8" },
      isReady: () => answers(socket),
      signal: options.signal,
    });
  };
  const { stop, ...started } = await startWithLayers(options, start);
  const binDirectory = join(options.directory, "bin");
  mkdirSync(binDirectory, { recursive: true, mode: 0o700 });
  symlinkSync(client.file, join(binDirectory, "docker"));
  return {
    kind: "docker",
    description,
    binDirectory,
    environment: { ...proxy, DOCKER_HOST: `unix://${socket}` },
    ...started,
    stop: async () => {
      await stop();
      rmSync(binDirectory, { recursive: true, force: true });
    },
  };
}

/** Layers that no daemon will start with are given up: a cache fails no build. */
async function startWithLayers(
  { layers: directory, path, signal }: BuildEngineOptions,
  start: (dataRoot?: string) => Promise<SupervisedEngine>,
): Promise<SupervisedEngine & Pick<BuildEngine, "hasLayers">> {
  if (directory === undefined) return start();
  const layers = takeLayers(directory, nameDaemon(path));
  let hasLayers = !layers.isEmpty();
  try {
    const { stop, hasEnded } = await start(layers.dataRoot).catch((error) => {
      if (!hasLayers || signal?.aborted === true) throw error;
      layers.clear();
      hasLayers = false;
      return start(layers.dataRoot);
    });
    return {
      ...{ hasEnded, hasLayers },
      async stop() {
        await stop();
        layers.release();
      },
    };
  } catch (error) {
    layers.release();
    throw error;
  }
}

/** The program itself and not its version, which it would take a process to learn. */
function nameDaemon(path: string): string {
  const [daemon] = findPrograms("dockerd", programPath(path));
  if (daemon === undefined) return "";
  const file = realpathSync(daemon);
  const { size, mtimeMs } = statSync(file);
  return `${file} ${size} ${mtimeMs}\n`;
}

/** At most 15 bytes. Without an address block nothing is connected to it: it shows that an engine is there. */
function newBridgeName(random = randomBytes(4)) {
  const mac = ["02", "42", ...(random.toString("hex").match(/../g) ?? [])].join(":");
  return { name: `chubo${random.toString("hex")}`, mac, gateway: "", block: "" };
}

/** With a free address block. The MAC is fixed and locally administered, as Docker gives its own. */
function newBridge() {
  const random = randomBytes(4);
  const addresses = findAddressBlock({
    seed: random.readUInt32BE(),
    routes: readFileSync("/proc/net/route", "latin1"),
    resolvConf: readText("/etc/resolv.conf"),
  });
  if (addresses === undefined) {
    throw new UsageError(
      "CONTAINERS_NO_ADDRESSES",
      "Every private address block that an engine could use is routed already.",
    );
  }
  return { ...newBridgeName(random), ...addresses };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemPing */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: "/_ping", agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.end();
  });
}
