import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildEngine, BuildEngineOptions } from "../containers/build-engine.ts";
import type { DockerClient } from "../containers/docker-client.ts";
import { EnvironmentError } from "../services/codebuild/collaborators.ts";
import { UsageError } from "../usage-error.ts";

export interface BuildEnginesOptions {
  engine: BuildEngineOptions["engine"];
  path: string;
  /** The docker clients on that path, and in the system's directories. */
  dockerClients(): Promise<readonly DockerClient[]>;
  temporaryDirectory: string;
}

/** What one engine has that others have not. */
export type EngineTraits = Pick<BuildEngineOptions, "shared" | "layers" | "network">;

export interface PortPlace {
  proxyUrl: string;
  /** PEM file of the system's roots and the port's own CA. */
  bundleFile: string;
  /** Loads what the first requests need. Called while an engine starts, which takes half a second and not this thread. */
  prepare(): void;
}

export interface StartedEngine {
  engine: BuildEngine;
  close(): Promise<void>;
}

/** The private container engines of builds. */
export interface BuildEngines {
  /** One of the caller's own. Throws EnvironmentError where there is none to be had. */
  start(port: PortPlace, signal?: AbortSignal, own?: EngineTraits): Promise<StartedEngine>;
  /**
   * The one that runs the environments of all builds; builds have no access to it. It ends with `close`. Throws
   * EnvironmentError where there is none to be had; the next build tries again.
   */
  startForEnvironments(port: PortPlace): Promise<BuildEngine>;
  /** Starts one for whoever asks first, while its build is still being made ready. A failure is told to them. */
  startAhead(port: PortPlace): void;
  /** Ends those that no build has as its own. */
  close(): Promise<void>;
}

export function openBuildEngines(options: BuildEnginesOptions): BuildEngines {
  const closed = new AbortController();
  let ahead: Promise<StartedEngine> | undefined;
  let forEnvironments: Promise<StartedEngine> | undefined;
  function takeAhead(): Promise<StartedEngine> | undefined {
    const taken = ahead;
    ahead = undefined;
    return taken;
  }
  async function findForEnvironments(): Promise<BuildEngine | undefined> {
    const started = await forEnvironments?.catch(() => undefined);
    return started?.engine.hasEnded() === true ? undefined : started?.engine;
  }
  return {
    async start(port, signal, own = {}) {
      const waiting = own.shared === undefined && own.layers === undefined ? takeAhead() : undefined;
      if (waiting === undefined) return startEngine(options, port, signal, own);
      const started = await waiting;
      if (signal?.aborted !== true) return started;
      await started.close();
      throw signal.reason;
    },
    async startForEnvironments(port) {
      const before = forEnvironments;
      const running = await findForEnvironments();
      if (running !== undefined) return running;
      // Another build may have found the same meanwhile.
      if (forEnvironments === before) {
        forEnvironments = takeAhead() ?? startEngine(options, port, closed.signal, { network: "none" });
      }
      return (await (forEnvironments as Promise<StartedEngine>)).engine;
    },
    startAhead(port) {
      if (forEnvironments !== undefined) return;
      ahead ??= startEngine(options, port, closed.signal);
      // Told to whoever asks; where nobody does, it has hurt nobody.
      ahead.catch(() => undefined);
    },
    async close() {
      const left = [takeAhead(), forEnvironments];
      closed.abort();
      await Promise.all(left.map(async (engine) => (await engine?.catch(() => undefined))?.close()));
    },
  };
}

async function startEngine(
  options: BuildEnginesOptions,
  { proxyUrl, bundleFile, prepare }: PortPlace,
  signal?: AbortSignal,
  own: EngineTraits = {},
): Promise<StartedEngine> {
  const { startBuildEngine } = await import("../containers/start-build-engine.ts");
  const { engine: kind, path } = options;
  const directory = privateDirectory(options);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const starting = startBuildEngine({
      ...{ engine: kind, directory, proxyUrl, caBundle: bundleFile, path, ...own },
      ...(signal !== undefined && { signal }),
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
export function privateDirectory({ temporaryDirectory }: { temporaryDirectory: string }): string {
  return mkdtempSync(join(temporaryDirectory, "chubo-"));
}
