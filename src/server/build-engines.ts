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

export type SharedDirectory = NonNullable<BuildEngineOptions["shared"]>;

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
  /** Throws EnvironmentError where there is none to be had. */
  start(port: PortPlace, signal?: AbortSignal, shared?: SharedDirectory): Promise<StartedEngine>;
  /** Starts one for whoever asks first, while its build is still being made ready. A failure is told to them. */
  startAhead(port: PortPlace): void;
  /** Ends the one that nobody has asked for. */
  close(): Promise<void>;
}

export function openBuildEngines(options: BuildEnginesOptions): BuildEngines {
  const unasked = new AbortController();
  let ahead: Promise<StartedEngine> | undefined;
  function takeAhead(): Promise<StartedEngine> | undefined {
    const taken = ahead;
    ahead = undefined;
    return taken;
  }
  return {
    async start(port, signal, shared) {
      const waiting = shared === undefined ? takeAhead() : undefined;
      if (waiting === undefined) return startEngine(options, port, signal, shared);
      const started = await waiting;
      if (signal?.aborted !== true) return started;
      await started.close();
      throw signal.reason;
    },
    startAhead(port) {
      ahead ??= startEngine(options, port, unasked.signal);
      // Told to whoever asks; where nobody does, it has hurt nobody.
      ahead.catch(() => undefined);
    },
    async close() {
      const left = takeAhead();
      if (left === undefined) return;
      unasked.abort();
      const started = await left.catch(() => undefined);
      await started?.close();
    },
  };
}

async function startEngine(
  options: BuildEnginesOptions,
  { proxyUrl, bundleFile, prepare }: PortPlace,
  signal?: AbortSignal,
  shared?: SharedDirectory,
): Promise<StartedEngine> {
  const { startBuildEngine } = await import("../containers/start-build-engine.ts");
  const { engine: kind, path } = options;
  const directory = privateDirectory(options);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const starting = startBuildEngine({
      ...{ engine: kind, directory, proxyUrl, caBundle: bundleFile, path },
      ...(signal !== undefined && { signal }),
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
export function privateDirectory({ temporaryDirectory }: { temporaryDirectory: string }): string {
  return mkdtempSync(join(temporaryDirectory, "chubo-"));
}
