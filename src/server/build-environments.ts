import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildEngine, BuildEngineOptions } from "../containers/build-engine.ts";
import type { DockerClient } from "../containers/docker-client.ts";
import { EnvironmentError, type EnvironmentRequest } from "../services/codebuild/collaborators.ts";
import type { BuildEnvironment } from "../services/codebuild/environment.ts";
import { openHostEnvironment } from "../services/codebuild/host-environment.ts";
import { isCuratedImage } from "../services/codebuild/project.ts";
import { UsageError } from "../usage-error.ts";
import { proxyVariables } from "./proxy-variables.ts";

export interface BuildEnvironmentsOptions {
  environment: "auto" | "host" | "container";
  engine: BuildEngineOptions["engine"];
  path: string;
  /** The docker clients on that path, and in the system's directories. */
  dockerClients(): Promise<readonly DockerClient[]>;
  temporaryDirectory: string;
}

type SharedDirectory = NonNullable<BuildEngineOptions["shared"]>;

interface PortPlace {
  proxyUrl: string;
  /** PEM file of the system's roots and the port's own CA. */
  bundleFile: string;
  /** Loads what the first requests need. Called while an engine starts, which takes half a second and not this thread. */
  prepare(): void;
}

/** Opens the environments of builds; `connect` tells where the one port is, once it listens. */
export interface BuildEnvironments {
  connect(port: PortPlace): void;
  open(request: EnvironmentRequest): Promise<BuildEnvironment>;
}

export function openBuildEnvironments(options: BuildEnvironmentsOptions): BuildEnvironments {
  let port: PortPlace | undefined;
  return {
    connect(opened) {
      port = opened;
    },
    async open(request) {
      if (port === undefined) throw new Error("a build was started before the port was open");
      const { image } = request.environment;
      const inContainer =
        options.environment === "container" || (options.environment === "auto" && !isCuratedImage(image));
      if (!inContainer) return openOnHost(options, port, request);
      try {
        return await openInContainer(options, port, request);
      } catch (error) {
        const isFinal = options.environment === "container" || !(error instanceof EnvironmentError);
        // The pull limit is what AWS fails such a build for; a success on the host would hide it.
        if (isFinal || error.message.includes("toomanyrequests")) throw error;
        const environment = await openOnHost(options, port, request);
        return { ...environment, description: `${environment.description}; not in ${image}: ${error.message}` };
      }
    },
  };
}

async function openOnHost(
  options: BuildEnvironmentsOptions,
  port: PortPlace,
  request: EnvironmentRequest,
): Promise<BuildEnvironment> {
  const docker = await openDocker(options, port, request);
  try {
    const environment = await openHostEnvironment({
      temporaryDirectory: options.temporaryDirectory,
      pathPrefix: [docker.binDirectory],
      variables: { ...proxyVariables(port), ...docker.environment },
      sourceNumber: sourceNumber(),
    });
    return {
      ...environment,
      description: `${environment.description}; ${docker.description}`,
      async close() {
        await environment.close();
        await docker.close();
      },
    };
  } catch (error) {
    await docker.close();
    throw error;
  }
}

async function openInContainer(
  options: BuildEnvironmentsOptions,
  port: PortPlace,
  request: EnvironmentRequest,
): Promise<BuildEnvironment> {
  const { containerCaBundle, openContainerEnvironment, outputDirectory } = await import(
    "../services/codebuild/container-environment.ts"
  );
  const { environment, registryLogin, signal } = request;
  const directory = privateDirectory(options);
  const engines: { close(): Promise<void> }[] = [];
  const start = async (shared?: SharedDirectory) => {
    const started = await startEngine(options, port, request, shared);
    engines.push(started);
    return started.engine;
  };
  const close = async () => {
    for (const engine of engines) await engine.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const engine = await start();
    const privilegedEngine = environment.privilegedMode ? await start(outputDirectory(directory)) : undefined;
    const opened = await openContainerEnvironment({
      ...{ image: environment.image, engine, directory, signal },
      ...(privilegedEngine !== undefined && { privilegedEngine }),
      ...(registryLogin !== undefined && { login: registryLogin }),
      variables: proxyVariables({ ...port, bundleFile: containerCaBundle }),
      caBundle: port.bundleFile,
      sourceNumber: sourceNumber(),
      path: options.path,
    });
    return {
      ...opened,
      async close() {
        await opened.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface BuildDocker {
  description: string;
  binDirectory: string;
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** `privilegedMode: true` brings an engine of the build's own; `false` the client alone, as on AWS. */
async function openDocker(
  options: BuildEnvironmentsOptions,
  port: PortPlace,
  request: EnvironmentRequest,
): Promise<BuildDocker> {
  if (request.environment.privilegedMode) {
    const { engine, close } = await startEngine(options, port, request);
    return { ...engine, close };
  }
  const { unprivilegedDockerBin } = await import("../containers/unprivileged-docker-bin.ts");
  const clients = await options.dockerClients();
  const directory = privateDirectory(options);
  const docker = unprivilegedDockerBin({ directory, clients });
  const close = async () => rmSync(directory, { recursive: true, force: true });
  return { ...docker, description: "no container engine (privilegedMode is off)", close };
}

async function startEngine(
  options: BuildEnvironmentsOptions,
  { proxyUrl, bundleFile, prepare }: PortPlace,
  { signal }: EnvironmentRequest,
  shared?: SharedDirectory,
): Promise<{ engine: BuildEngine; close(): Promise<void> }> {
  const { startBuildEngine } = await import("../containers/start-build-engine.ts");
  const { engine: kind, path } = options;
  const directory = privateDirectory(options);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const starting = startBuildEngine({
      ...{ engine: kind, directory, proxyUrl, caBundle: bundleFile, path, signal },
      ...(shared !== undefined && { shared }),
      dockerClients: await options.dockerClients(),
    });
    prepare();
    const engine = await starting;
    const close = async () => {
      await engine.stop();
      remove();
    };
    return { engine, close };
  } catch (error) {
    remove();
    if (error instanceof UsageError) throw new EnvironmentError("CONTAINER_ENGINE", error.message, { cause: error });
    throw error;
  }
}

/** A short name: the sockets below it may have 107 bytes of path. */
function privateDirectory({ temporaryDirectory }: BuildEnvironmentsOptions): string {
  return mkdtempSync(join(temporaryDirectory, "chubo-"));
}

/** Nine digits, as in AWS's `/codebuild/output/src123456789/src`. */
function sourceNumber(): number {
  return 100_000_000 + Math.floor(Math.random() * 900_000_000);
}
