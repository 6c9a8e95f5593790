import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildEngineOptions } from "../containers/build-engine.ts";
import { EnvironmentError, type EnvironmentRequest } from "../services/codebuild/collaborators.ts";
import type { BuildEnvironment } from "../services/codebuild/environment.ts";
import { openHostEnvironment } from "../services/codebuild/host-environment.ts";
import { UsageError } from "../usage-error.ts";
import { proxyVariables } from "./proxy-variables.ts";

export interface BuildEnvironmentsOptions {
  environment: "auto" | "host" | "container";
  engine: BuildEngineOptions["engine"];
  path: string;
  temporaryDirectory: string;
}

/** Opens the environments of builds; `connect` tells where the one port is, once it listens. */
export interface BuildEnvironments {
  connect(port: { proxyUrl: string; bundleFile: string }): void;
  open(request: EnvironmentRequest): Promise<BuildEnvironment>;
}

export function openBuildEnvironments(options: BuildEnvironmentsOptions): BuildEnvironments {
  let port: { proxyUrl: string; bundleFile: string } | undefined;
  return {
    connect(opened) {
      port = opened;
    },
    async open(request) {
      if (port === undefined) throw new Error("a build was started before the port was open");
      if (options.environment === "container") {
        throw new EnvironmentError(
          "UNSUPPORTED",
          "Chubo does not run builds in containers yet (see docs/deviations.md)",
        );
      }
      const docker = await openDocker(options, port, request);
      try {
        const environment = await openHostEnvironment({
          temporaryDirectory: options.temporaryDirectory,
          pathPrefix: [docker.binDirectory],
          variables: { ...proxyVariables(port), ...docker.environment },
          sourceNumber: 100_000_000 + Math.floor(Math.random() * 900_000_000),
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
    },
  };
}

interface BuildDocker {
  description: string;
  binDirectory: string;
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** `privilegedMode: true` brings an engine of the build's own; `false` the client alone, as on AWS. */
async function openDocker(
  { engine, path, temporaryDirectory }: BuildEnvironmentsOptions,
  { proxyUrl, bundleFile }: { proxyUrl: string; bundleFile: string },
  { environment, signal }: EnvironmentRequest,
): Promise<BuildDocker> {
  // A short name: the sockets below it may have 107 bytes of path.
  const directory = mkdtempSync(join(temporaryDirectory, "chubo-"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    if (!environment.privilegedMode) {
      const { unprivilegedDockerBin } = await import("../containers/unprivileged-docker-bin.ts");
      const docker = await unprivilegedDockerBin({ directory, path });
      return { ...docker, description: "no container engine (privilegedMode is off)", close: async () => remove() };
    }
    const { startBuildEngine } = await import("../containers/start-build-engine.ts");
    const started = await startBuildEngine({ engine, directory, proxyUrl, caBundle: bundleFile, path, signal });
    return {
      ...started,
      async close() {
        await started.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    if (error instanceof UsageError) throw new EnvironmentError("CONTAINER_ENGINE", error.message, { cause: error });
    throw error;
  }
}
