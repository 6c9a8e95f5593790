import { invalid } from "../operations/project-input.ts";
import type { ProjectRecord } from "../project.ts";

/** Source types that a build can be given here. The others would need a provider that is not on this machine. */
const sourceTypes = ["CODEPIPELINE", "S3", "NO_SOURCE"];
const environmentTypes = ["LINUX_CONTAINER", "ARM_CONTAINER"];

/** Without these a build would be another one, so it is not started. */
const refusedSettings = ["secondarySources", "secondarySourceVersions", "fileSystemLocations"];

/** These change how fast, where or how often AWS builds, not what comes out; the log says that they have no effect. */
const warnedSettings: Record<string, (value: unknown) => boolean> = {
  cache: (value) => (value as { modes?: string[] }).modes?.includes("LOCAL_DOCKER_LAYER_CACHE") === true,
  vpcConfig: isNotEmpty,
  concurrentBuildLimit: () => true,
  autoRetryLimit: (value) => value !== 0,
  badgeEnabled: (value) => value === true,
  logsConfig: (value) => (value as { s3Logs?: { status?: string } }).s3Logs?.status === "ENABLED",
  certificate: isNotEmpty,
  fleet: isNotEmpty,
  dockerServer: isNotEmpty,
};

/** Those of which only a part has no effect. */
const shownSettings: Record<string, string> = {
  cache: "cache mode LOCAL_DOCKER_LAYER_CACHE",
  logsConfig: "logsConfig.s3Logs",
};

/** Throws InvalidInputException, naming it, for what a build of this project needs and Chubo lacks. */
export function checkBuildable({ source, environment, settings }: ProjectRecord): void {
  const refuse = (what: string) => {
    throw invalid(`Cannot start build: Chubo does not support ${what} (see docs/deviations.md)`);
  };
  if (!sourceTypes.includes(source.type)) refuse(`source type ${source.type}`);
  if (!environmentTypes.includes(environment.type)) refuse(`environment type ${environment.type}`);
  for (const name of refusedSettings) {
    if (isNotEmpty(settings[name as keyof typeof settings])) refuse(`${name} of a project`);
  }
}

/** Settings of a project that have no effect here. `logsConfig` is heeded but for its copy in S3. */
export function settingsWithoutEffect({ environment, settings }: ProjectRecord): string[] {
  const given: Record<string, unknown> = { ...environment, ...settings };
  return Object.entries(warnedSettings)
    .filter(([name, isAsked]) => given[name] !== undefined && isAsked(given[name]))
    .map(([name]) => shownSettings[name] ?? name);
}

function isNotEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== "";
}

/** `streamName` of a project comes before the build's own: `PREFIX/UUID`. */
export function logTarget({ name, settings }: ProjectRecord, uuid: string) {
  const { groupName, streamName, status } = settings.logsConfig?.cloudWatchLogs ?? {};
  return {
    isEnabled: status !== "DISABLED",
    groupName: groupName ?? `/aws/codebuild/${name}`,
    streamName: streamName === undefined ? uuid : `${streamName}/${uuid}`,
  };
}
