import { checkEngines } from "../containers/check-engines.ts";
import type { DockerClient } from "../containers/docker-client.ts";
import type { PlannedResource } from "../services/cloudformation/cloudformation.ts";
import { knownAfterApply } from "../template/template-node.ts";
import { UsageError } from "../usage-error.ts";

/** Where builds run, and which of them will. */
export interface BuildSettings {
  environment: "auto" | "host" | "container";
  engine: "auto" | "docker" | "podman";
  /** PATH to look for engines in, and the docker clients on it. */
  path: string;
  dockerClients(): Promise<readonly DockerClient[]>;
  /** Name of the one project that will run, where one was chosen. */
  project: string | undefined;
}

/**
 * Throws UsageError CONTAINERS_… where builds need an engine that is not there: better said before anything is made.
 * Resolves with whether one may start while the stacks are made, and what will be different from what its user may expect.
 */
export async function checkEngineFor(
  planned: readonly PlannedResource[],
  settings: BuildSettings,
): Promise<{ startsAhead: boolean; warnings: readonly string[] }> {
  const need = engineNeed(planned, settings);
  if (need === "none") return { startsAhead: false, warnings: [] };
  const { kind, description, warnings } = await checkEngines({
    ...{ engine: settings.engine, path: settings.path },
    dockerClients: await settings.dockerClients(),
  });
  if (need === "daemon" && kind === "podman") {
    throw new UsageError(
      "CONTAINERS_ENGINE_MISSING",
      `A privileged build in a container needs a Docker daemon whose socket it can be given; the engine is ${description}.`,
      { hint: "use --engine docker, or --environment host" },
    );
  }
  return { startsAhead: settings.environment === "container" || !planned.some(keepsLayers), warnings };
}

/** The engine of such a project begins with its layers, which belong to one build at a time; in a container there is another one too. */
export function keepsLayers({ type, properties }: PlannedResource): boolean {
  const { Modes } = (properties.Cache ?? {}) as { Modes?: unknown };
  return type === "AWS::CodeBuild::Project" && Array.isArray(Modes) && Modes.includes("LOCAL_DOCKER_LAYER_CACHE");
}

/** A value that is not known yet asks for nothing: the build itself will tell. */
export function engineNeed(
  planned: readonly PlannedResource[],
  { environment, project }: Pick<BuildSettings, "environment" | "project">,
): "none" | "any" | "daemon" {
  const projects = planned.filter(({ type, properties: { Name } }) => {
    const mayRun = project === undefined || Name === undefined || Name === knownAfterApply || Name === project;
    return type === "AWS::CodeBuild::Project" && mayRun;
  });
  const isPrivileged = ({ properties }: PlannedResource) =>
    (properties.Environment as { PrivilegedMode?: unknown } | undefined)?.PrivilegedMode === true;
  if (projects.some(isPrivileged)) return environment === "container" ? "daemon" : "any";
  return environment === "container" && projects.length > 0 ? "any" : "none";
}
