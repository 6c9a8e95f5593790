import type { SourceDirectories } from "../collaborators.ts";
import { invalid } from "../operations/project-input.ts";
import type { CacheRecord, ProjectEnvironmentRecord, ProjectRecord, SourceRecord } from "../project.ts";
import { missingDirectory } from "../source/place-sources.ts";
import { isGitSource } from "../source/repository-path.ts";

const environmentTypes = ["LINUX_CONTAINER", "ARM_CONTAINER"];

/** These change how fast, where or how often AWS builds, not what comes out; the log says that they have no effect. */
const warnedSettings: Record<string, (value: unknown, environment: ProjectEnvironmentRecord) => boolean> = {
  cache: (value, { privilegedMode }) => !privilegedMode && keepsLayers(value as CacheRecord),
  vpcConfig: isNotEmpty,
  badgeEnabled: (value) => value === true,
  certificate: isNotEmpty,
  fleet: isNotEmpty,
  hostKernel: isNotEmpty,
  dockerServer: isNotEmpty,
};

/** Those of which only a part has no effect. */
const shownSettings: Record<string, string> = {
  cache: "cache mode LOCAL_DOCKER_LAYER_CACHE without privilegedMode",
};

/** Throws InvalidInputException, naming it, for what a build of this project needs and Chubo lacks. */
export function checkBuildable(
  project: ProjectRecord,
  { findDirectory }: Pick<SourceDirectories, "findDirectory">,
): void {
  const { source, environment, settings } = project;
  for (const one of [source, ...((settings.secondarySources ?? []) as SourceRecord[])]) {
    if (!isGitSource(one.type) || findDirectory(one) !== undefined) continue;
    throw invalid(`Cannot start build: ${missingDirectory(one)}`);
  }
  if (environmentTypes.includes(environment.type)) return;
  throw invalid(
    `Cannot start build: Chubo does not support environment type ${environment.type} (see docs/deviations.md)`,
  );
}

/** Settings of a project that have no effect here. */
export function settingsWithoutEffect({ environment, settings }: ProjectRecord): string[] {
  const given: Record<string, unknown> = { ...environment, ...settings };
  return Object.entries(warnedSettings)
    .filter(([name, isAsked]) => given[name] !== undefined && isAsked(given[name], environment))
    .map(([name]) => shownSettings[name] ?? name);
}

function keepsLayers({ type, modes = [] }: CacheRecord): boolean {
  return type === "LOCAL" && modes.includes("LOCAL_DOCKER_LAYER_CACHE");
}

function isNotEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== "";
}

/** `streamName` of a project comes before the build's own: `PREFIX/UUID`. */
export function logTarget({ name, settings }: ProjectRecord, uuid: string) {
  const { groupName, streamName, status } = settings.logsConfig?.cloudWatchLogs ?? {};
  const { s3Logs } = settings.logsConfig ?? {};
  // The location may be an ARN, and holds the bucket at least.
  const location = (s3Logs?.location ?? "").replace(/^arn:aws[^:]*:s3:::/, "").replace(/\/+$/, "");
  return {
    ...(s3Logs?.status === "ENABLED" && location !== "" ? { s3Location: `${location}/${uuid}.gz` } : {}),
    isEnabled: status !== "DISABLED",
    groupName: groupName ?? `/aws/codebuild/${name}`,
    streamName: streamName === undefined ? uuid : `${streamName}/${uuid}`,
  };
}
