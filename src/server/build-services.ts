import type { BuildEngine } from "../containers/build-engine.ts";
import { ContainerEngineError, openContainerEngine } from "../containers/container-engine.ts";
import { type RunningService, type ServiceDefinition, startServices } from "../containers/service-container.ts";
import { EnvironmentError } from "../services/codebuild/collaborators.ts";

export interface BuildServicesOptions {
  services: readonly ServiceDefinition[];
  /** Its end is the services' end. */
  engine: BuildEngine;
  /** Private to the engine's client. */
  directory: string;
  path: string;
  publishes: boolean;
  signal: AbortSignal;
}

/** The services of chubo.yml beside a build. Throws EnvironmentError where one cannot be used: the build fails in PROVISIONING. */
export async function startBuildServices(options: BuildServicesOptions): Promise<RunningService[]> {
  const { services, engine, signal, publishes } = options;
  try {
    return await startServices(openContainerEngine(engine, options), services, { publishes, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ContainerEngineError)) throw error;
    throw new EnvironmentError("CLIENT_ERROR", error.message, { cause: error });
  }
}
