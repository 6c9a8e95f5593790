import { rmSync } from "node:fs";
import type { BuildEngine } from "../containers/build-engine.ts";
import type { RunningService } from "../containers/service-container.ts";
import { EnvironmentError, type EnvironmentRequest } from "../services/codebuild/collaborators.ts";
import type { BuildEnvironment } from "../services/codebuild/environment/environment.ts";
import { openHostEnvironment } from "../services/codebuild/environment/host-environment.ts";
import { isCuratedImage } from "../services/codebuild/project.ts";
import type { StateLayout } from "../store/state-layout.ts";
import {
  type BuildEngines,
  type BuildEnginesOptions,
  type EngineTraits,
  openBuildEngines,
  type PortPlace,
  privateDirectory,
  type StartedEngine,
} from "./build-engines.ts";
import {
  containerVariables,
  describeOnHost,
  hostVariables,
  type PlacedFileSystem,
  placeFileSystems,
} from "./file-systems.ts";
import type { ProjectFile } from "./project-file.ts";
import { proxyVariables } from "./proxy-variables.ts";

export interface BuildEnvironmentsOptions extends BuildEnginesOptions {
  environment: "auto" | "host" | "container";
  projectFile: ProjectFile;
  state: Pick<StateLayout, "fileSystems">;
}

/** Where builds are, once the port listens. */
interface Ground extends BuildEnvironmentsOptions {
  port: PortPlace;
  engines: BuildEngines;
}

/** Opens the environments of builds; `connect` tells where the one port is, once it listens. */
export interface BuildEnvironments {
  /** Where builds run in containers whatever their image, the engine for them starts at once. */
  connect(port: PortPlace): void;
  open(request: EnvironmentRequest): Promise<BuildEnvironment>;
  /** For a build that will need one: its engine starts while its stacks are made. */
  startEngineAhead(): void;
  /** Ends what no build has asked for. */
  close(): Promise<void>;
}

export function openBuildEnvironments(options: BuildEnvironmentsOptions): BuildEnvironments {
  const engines = openBuildEngines(options);
  let opened: Ground | undefined;
  function ground(): Ground {
    if (opened === undefined) throw new Error("a build was started before the port was open");
    return opened;
  }
  return {
    connect(port) {
      opened = { ...options, port, engines };
      // A failure is told to whoever asks.
      if (options.environment === "container") engines.startForEnvironments(port).catch(() => undefined);
    },
    startEngineAhead: () => engines.startAhead(ground().port),
    close: engines.close,
    async open(asked) {
      const image = options.projectFile.images.get(asked.environment.image) ?? asked.environment.image;
      const request = {
        ...{ ...asked, environment: { ...asked.environment, image } },
        placed: placeFileSystems(asked.fileSystems, { ...options, directory: options.state.fileSystems }),
      };
      const inContainer =
        options.environment === "container" || (options.environment === "auto" && !isCuratedImage(image));
      if (!inContainer) return openOnHost(ground(), request);
      try {
        return await openInContainer(ground(), request);
      } catch (error) {
        const isFinal = options.environment === "container" || !(error instanceof EnvironmentError);
        // The pull limit is what AWS fails such a build for; a success on the host would hide it.
        if (isFinal || error.message.includes("toomanyrequests")) throw error;
        const environment = await openOnHost(ground(), request);
        return { ...environment, description: `${environment.description}; not in ${image}: ${error.message}` };
      }
    },
  };
}

/** A request whose file systems are directories of this machine. */
interface PlacedRequest extends EnvironmentRequest {
  placed: readonly PlacedFileSystem[];
}

async function openOnHost(ground: Ground, request: PlacedRequest): Promise<BuildEnvironment> {
  const docker = await openDocker(ground, request);
  let services: HostServices | undefined;
  try {
    services = await openHostServices(ground, request.signal);
    const environment = await openHostEnvironment({
      temporaryDirectory: ground.temporaryDirectory,
      pathPrefix: [docker.binDirectory],
      variables: { ...proxyVariables(ground.port), ...docker.environment, ...hostVariables(request.placed) },
      sourceNumber: sourceNumber(),
      caBundle: ground.port.bundleFile,
    });
    return {
      ...environment,
      description: [
        ...[environment.description, docker.description, ...services.descriptions],
        ...describeOnHost(request.placed),
      ].join("; "),
      async close() {
        await environment.close();
        await Promise.all([docker.close(), services?.close()]);
      },
    };
  } catch (error) {
    await Promise.all([docker.close(), services?.close()]);
    throw error;
  }
}

interface HostServices {
  descriptions: string[];
  close(): Promise<void>;
}

/** In an engine of their own: the build's, if it has one, shows nothing but what the build has made. */
async function openHostServices(ground: Ground, signal: AbortSignal): Promise<HostServices> {
  const { services } = ground.projectFile;
  if (services.length === 0) return { descriptions: [], close: async () => undefined };
  const { startBuildServices } = await import("./build-services.ts");
  const directory = privateDirectory(ground);
  const { engine, close: stop } = await ground.engines.start(ground.port, signal);
  const close = async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const options = { services, engine, directory, path: ground.path, publishes: true, signal };
    const started = await startBuildServices(options);
    return { descriptions: started.map(({ description }) => description), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openInContainer(ground: Ground, request: PlacedRequest): Promise<BuildEnvironment> {
  const { containerCaBundle, openContainerEnvironment, outputDirectory } = await import(
    "../services/codebuild/environment/container-environment.ts"
  );
  const { environment, registryLogin, signal } = request;
  const { port } = ground;
  const directory = privateDirectory(ground);
  const own: StartedEngine[] = [];
  const start = async (directories?: EngineTraits) => {
    const started = await ground.engines.start(port, signal, directories);
    own.push(started);
    return started.engine;
  };
  const close = async () => {
    await Promise.all(own.map((engine) => engine.close()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const engine = await ground.engines.startForEnvironments(port);
    signal.throwIfAborted();
    const shared = outputDirectory(directory);
    const privilegedEngine = environment.privilegedMode ? await start({ shared, ...layersOf(request) }) : undefined;
    const services = await servicesInContainers(ground, { start, directory, signal });
    const opened = await openContainerEnvironment({
      ...{ image: environment.image, engine, directory, signal },
      hosts: Object.fromEntries(services.map(({ name, address }) => [name, address])),
      ...(privilegedEngine !== undefined && { privilegedEngine }),
      ...(registryLogin !== undefined && { login: registryLogin }),
      ...(request.localCache?.custom !== undefined && { customCacheDirectory: request.localCache.custom }),
      fileSystems: request.placed.map(({ directory: source, mountPoint: target, readOnly }) => {
        return { source, target, readOnly };
      }),
      variables: {
        ...proxyVariables({
          ...{ ...port, bundleFile: containerCaBundle },
          services: services.map(({ name }) => name),
        }),
        ...containerVariables(request.placed),
      },
      caBundle: port.bundleFile,
      sourceNumber: sourceNumber(),
      path: ground.path,
    });
    return {
      ...opened,
      description: [
        opened.description,
        ...describeLayers(request, privilegedEngine),
        ...services.map(({ description }) => description),
      ].join("; "),
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

/** In an engine of the build's own, so that another build's services do not meet them; the build finds them by name. */
async function servicesInContainers(
  { projectFile: { services }, path }: Ground,
  { start, ...place }: { start(): Promise<BuildEngine>; directory: string; signal: AbortSignal },
): Promise<RunningService[]> {
  if (services.length === 0) return [];
  const { startBuildServices } = await import("./build-services.ts");
  return startBuildServices({ ...place, engine: await start(), services, path, publishes: false });
}

function layersOf({ localCache }: EnvironmentRequest): EngineTraits {
  return localCache?.layers === undefined ? {} : { layers: localCache.layers };
}

function describeLayers({ localCache }: EnvironmentRequest, engine: BuildEngine | undefined): string[] {
  if (localCache?.layers === undefined || engine === undefined) return [];
  if (engine.hasLayers === undefined) return [`${engine.kind} keeps no layers for later builds`];
  return [engine.hasLayers ? "with the layers of earlier builds" : "with no layers of earlier builds yet"];
}

interface BuildDocker {
  description: string;
  binDirectory: string;
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** `privilegedMode: true` brings an engine of the build's own; `false` the client alone, as on AWS. */
async function openDocker(ground: Ground, request: EnvironmentRequest): Promise<BuildDocker> {
  if (request.environment.privilegedMode) {
    const { engine, close } = await ground.engines.start(ground.port, request.signal, layersOf(request));
    return { ...engine, description: [engine.description, ...describeLayers(request, engine)].join("; "), close };
  }
  const { unprivilegedDockerBin } = await import("../containers/unprivileged-docker-bin.ts");
  const clients = await ground.dockerClients();
  const directory = privateDirectory(ground);
  const docker = unprivilegedDockerBin({ directory, clients });
  const close = async () => rmSync(directory, { recursive: true, force: true });
  return { ...docker, description: "no container engine (privilegedMode is off)", close };
}

/** Nine digits, as in AWS's `/codebuild/output/src123456789/src`. */
function sourceNumber(): number {
  return 100_000_000 + Math.floor(Math.random() * 900_000_000);
}
