import type {
  ProjectEnvironment,
  ProjectSource,
  StartBuildBatchCommandInput,
  StartBuildCommandInput,
} from "@aws-sdk/client-codebuild";
import { type ProjectRecord, withVariables } from "../project.ts";
import { checkEnvironmentEnums, checkImageCredentials } from "./check-environment.ts";
import {
  checkPipelineTypes,
  checkSecondarySources,
  invalid,
  readProjectInput,
  readVariable,
  withoutUndefined,
} from "./project-input.ts";

type BuildInput = StartBuildCommandInput & StartBuildBatchCommandInput;

/** What both StartBuild and StartBuildBatch may override. */
export type BuildOverrides = { [Key in keyof BuildInput]?: BuildInput[Key] | undefined };

/** Everything else that a call holds is refused by name. */
const understood = new Set([
  "projectName",
  "sourceVersion",
  "sourceTypeOverride",
  "sourceLocationOverride",
  "sourceAuthOverride",
  "gitCloneDepthOverride",
  "gitSubmodulesConfigOverride",
  "insecureSslOverride",
  "reportBuildStatusOverride",
  "buildStatusConfigOverride",
  "secondarySourcesOverride",
  "secondarySourcesVersionOverride",
  "buildspecOverride",
  "artifactsOverride",
  "secondaryArtifactsOverride",
  "environmentVariablesOverride",
  "environmentTypeOverride",
  "imageOverride",
  "computeTypeOverride",
  "privilegedModeOverride",
  "certificateOverride",
  "fleetOverride",
  "hostKernelOverride",
  "registryCredentialOverride",
  "imagePullCredentialsTypeOverride",
  "serviceRoleOverride",
  "timeoutInMinutesOverride",
  "queuedTimeoutInMinutesOverride",
  "encryptionKeyOverride",
  "logsConfigOverride",
  "cacheOverride",
  "idempotencyToken",
]);

/** Throws InvalidInputException for what a build here cannot be given. */
export function checkOverrides(input: object, alsoUnderstood: readonly string[]): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || value === false || understood.has(member) || alsoUnderstood.includes(member)) continue;
    throw invalid(`Cannot start build: Chubo does not support ${member} (see docs/deviations.md)`);
  }
}

/** The project as one call wants it. Throws InvalidInputException. */
export function withOverrides(project: ProjectRecord, input: BuildOverrides): ProjectRecord {
  const { environment, settings } = project;
  const read = readProjectInput({
    name: undefined,
    source: overriddenSource(project, input),
    ...(input.artifactsOverride === undefined ? {} : { artifacts: input.artifactsOverride }),
    serviceRole: input.serviceRoleOverride,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? input.buildTimeoutInMinutesOverride,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride,
    encryptionKey: input.encryptionKeyOverride,
    logsConfig: input.logsConfigOverride,
    cache: input.cacheOverride,
    secondarySources: input.secondarySourcesOverride,
    secondaryArtifacts: input.secondaryArtifactsOverride,
    autoRetryLimit: input.autoRetryLimitOverride,
    buildBatchConfig: input.buildBatchConfigOverride,
  });
  const overrides = withoutUndefined({
    type: input.environmentTypeOverride,
    image: input.imageOverride,
    computeType: input.computeTypeOverride,
    privilegedMode: input.privilegedModeOverride,
    imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
    registryCredential: input.registryCredentialOverride,
    certificate: input.certificateOverride,
    fleet: input.fleetOverride,
    hostKernel: input.hostKernelOverride,
  });
  const merged = { ...settings, ...read.settings, ...secondaryVersions(project, input) };
  checkSecondarySources(merged.secondarySources ?? [], merged.secondarySourceVersions ?? []);
  const overridden = {
    ...project,
    ...read,
    settings: merged,
    environment: withVariables(
      { ...environment, ...(overrides as Partial<typeof environment>) },
      (input.environmentVariablesOverride ?? []).map(readVariable),
    ),
  };
  checkPipelineTypes(overridden);
  checkEnvironmentEnums(overridden.environment as ProjectEnvironment);
  checkImageCredentials(overridden.environment, project.arn.split(":")[4] ?? "");
  return overridden;
}

function overriddenSource({ source }: ProjectRecord, input: BuildOverrides): ProjectSource {
  return {
    ...(source as ProjectSource),
    ...withoutUndefined({
      type: input.sourceTypeOverride,
      location: input.sourceLocationOverride,
      buildspec: input.buildspecOverride,
      auth: input.sourceAuthOverride,
      gitCloneDepth: input.gitCloneDepthOverride,
      gitSubmodulesConfig: input.gitSubmodulesConfigOverride,
      insecureSsl: input.insecureSslOverride,
      reportBuildStatus: input.reportBuildStatusOverride,
      buildStatusConfig: input.buildStatusConfigOverride,
    }),
  } as ProjectSource;
}

/** Versions override the project's one by one. */
function secondaryVersions({ settings }: ProjectRecord, { secondarySourcesVersionOverride: given }: BuildOverrides) {
  if (given === undefined) return {};
  const kept = (settings.secondarySourceVersions ?? []).filter(
    ({ sourceIdentifier }) => !given.some((one) => one.sourceIdentifier === sourceIdentifier),
  );
  return { secondarySourceVersions: [...kept, ...given] };
}
