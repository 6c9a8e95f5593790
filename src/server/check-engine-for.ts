import { checkEngines } from "../containers/check-engines.ts";
import type { PlannedResource } from "../services/cloudformation/cloudformation.ts";
import { knownAfterApply } from "../template/template-node.ts";

/** Where builds run, and which of them will. */
export interface BuildSettings {
  environment: "auto" | "host" | "container";
  engine: "auto" | "docker" | "podman";
  /** PATH to look for engines in. */
  path: string;
  /** Name of the one project that will run, where one was chosen. */
  project: string | undefined;
}

/**
 * Throws UsageError CONTAINERS_… where builds need an engine that is not there: better said before anything is made.
 * Resolves with what will be different from what its user may expect.
 */
export async function checkEngineFor(planned: readonly PlannedResource[], settings: BuildSettings): Promise<string[]> {
  return needsEngine(planned, settings) ? (await checkEngines(settings)).warnings : [];
}

/** A value that is not known yet asks for none: the build itself will tell. */
export function needsEngine(
  planned: readonly PlannedResource[],
  { environment, project }: Pick<BuildSettings, "environment" | "project">,
): boolean {
  const projects = planned.filter(({ type, properties: { Name } }) => {
    const mayRun = project === undefined || Name === undefined || Name === knownAfterApply || Name === project;
    return type === "AWS::CodeBuild::Project" && mayRun;
  });
  const isPrivileged = ({ properties }: PlannedResource) =>
    (properties.Environment as { PrivilegedMode?: unknown } | undefined)?.PrivilegedMode === true;
  return environment === "container" ? projects.length > 0 : projects.some(isPrivileged);
}
