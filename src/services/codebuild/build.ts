import type { Build } from "@aws-sdk/client-codebuild";
import {
  type ArtifactsRecord,
  type CacheRecord,
  defaultEncryptionKey,
  type ProjectEnvironmentRecord,
  type SourceRecord,
} from "./project.ts";

/** In the order of a build's life. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildPhase.html */
export type PhaseType =
  | "SUBMITTED"
  | "QUEUED"
  | "PROVISIONING"
  | "DOWNLOAD_SOURCE"
  | "INSTALL"
  | "PRE_BUILD"
  | "BUILD"
  | "POST_BUILD"
  | "UPLOAD_ARTIFACTS"
  | "FINALIZING"
  | "COMPLETED";

export type BuildStatus = "SUCCEEDED" | "FAILED" | "FAULT" | "TIMED_OUT" | "IN_PROGRESS" | "STOPPED";

export interface PhaseContext {
  statusCode: string;
  message: string;
}

/** Times in milliseconds since 1970. COMPLETED has a start only. */
export interface BuildPhase {
  phaseType: PhaseType;
  phaseStatus?: BuildStatus;
  startTime: number;
  endTime?: number;
  contexts: PhaseContext[];
}

export interface BuildRecord {
  /** `PROJECT:UUID`. */
  id: string;
  arn: string;
  number: number;
  projectName: string;
  status: BuildStatus;
  phases: BuildPhase[];
  startTime: number;
  endTime?: number;
  initiator: string;
  sourceVersion?: string;
  resolvedSourceVersion?: string;
  source: SourceRecord;
  artifacts: ArtifactsRecord;
  environment: ProjectEnvironmentRecord;
  serviceRole: string;
  timeoutInMinutes: number;
  queuedTimeoutInMinutes: number;
  encryptionKey?: string;
  logs: { groupName: string; streamName: string; isEnabled: boolean };
  /** Settings of the project that have no effect here; the log says so. */
  settingsWithoutEffect: string[];
  secondaryArtifacts?: ArtifactsRecord[];
  cache?: CacheRecord;
  /** How often the project's cache had been invalidated. */
  cacheGeneration?: number;
  /** What became of the artifacts, as they were stored. */
  artifactResults: ArtifactResult[];
  exportedVariables: { name: string; value: string }[];
}

export interface ArtifactResult {
  /** Absent for the primary artifact. */
  identifier?: string;
  /** An S3 ARN; absent where a pipeline in this process took the archive. */
  location?: string;
  /** In hexadecimal; archives only. */
  sha256sum?: string;
  md5sum?: string;
}

export function startPhase(build: BuildRecord, phaseType: PhaseType, time: number): BuildPhase {
  const phase: BuildPhase = { phaseType, startTime: time, contexts: [] };
  build.phases.push(phase);
  return phase;
}

export function finishPhase(phase: BuildPhase, phaseStatus: BuildStatus, time: number, context?: PhaseContext): void {
  phase.phaseStatus = phaseStatus;
  phase.endTime = time;
  phase.contexts = [context ?? { statusCode: "", message: "" }];
}

export function currentPhase(build: BuildRecord): BuildPhase | undefined {
  return build.phases.at(-1);
}

/** A build that another process left behind: it will never go on, and must not look as if it did. */
export function abandonBuild(build: BuildRecord, time: number): void {
  const phase = currentPhase(build);
  const context = { statusCode: "INTERNAL_SERVICE_ERROR", message: "The server ended while the build was running." };
  if (phase !== undefined && phase.endTime === undefined) finishPhase(phase, "FAULT", time, context);
  build.status = "FAULT";
  build.endTime = time;
}

/** The record in the shape of the API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html */
export function describeBuild(build: BuildRecord): Build {
  const {
    number,
    status,
    phases,
    startTime,
    endTime,
    artifacts,
    secondaryArtifacts = [],
    artifactResults: _,
    logs,
    ...others
  } = build;
  const {
    settingsWithoutEffect: __,
    cacheGeneration: ___,
    cache = { type: "NO_CACHE" },
    source,
    environment,
    ...rest
  } = others;
  return {
    encryptionKey: defaultEncryptionKey(build.arn),
    ...rest,
    buildNumber: number,
    buildStatus: status,
    buildComplete: status !== "IN_PROGRESS",
    currentPhase: currentPhase(build)?.phaseType ?? "SUBMITTED",
    startTime: new Date(startTime),
    ...(endTime === undefined ? {} : { endTime: new Date(endTime) }),
    phases: phases.map(describePhase),
    source: source as NonNullable<Build["source"]>,
    environment: environment as NonNullable<Build["environment"]>,
    secondarySources: [],
    secondaryArtifacts: secondaryArtifacts.map((place) => describeArtifacts(build, place, place.artifactIdentifier)),
    artifacts: describeArtifacts(build, artifacts, undefined),
    cache: cache as NonNullable<Build["cache"]>,
    logs: describeLogs(build),
  };
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildArtifacts.html */
function describeArtifacts(
  { artifactResults = [] }: BuildRecord,
  { overrideArtifactName, encryptionDisabled, artifactIdentifier, bucketOwnerAccess }: ArtifactsRecord,
  identifier: string | undefined,
): NonNullable<Build["artifacts"]> {
  const { identifier: _, ...result } = artifactResults.find((entry) => entry.identifier === identifier) ?? {};
  return {
    ...result,
    ...(overrideArtifactName !== undefined && { overrideArtifactName }),
    ...(encryptionDisabled !== undefined && { encryptionDisabled }),
    ...(artifactIdentifier !== undefined && { artifactIdentifier }),
    ...(bucketOwnerAccess !== undefined && { bucketOwnerAccess }),
  } as NonNullable<Build["artifacts"]>;
}

function describeLogs({ arn, logs: { groupName, streamName, isEnabled } }: BuildRecord): NonNullable<Build["logs"]> {
  if (!isEnabled) return { cloudWatchLogs: { status: "DISABLED" } };
  const [, partition, , region, account] = arn.split(":");
  const logsArn = `arn:${partition}:logs:${region}:${account}:log-group:${groupName}:log-stream:${streamName}`;
  return { groupName, streamName, cloudWatchLogs: { status: "ENABLED" }, cloudWatchLogsArn: logsArn };
}

function describePhase({ startTime, endTime, ...phase }: BuildPhase) {
  const durationInSeconds = Math.round(((endTime ?? startTime) - startTime) / 1000);
  return {
    ...phase,
    startTime: new Date(startTime),
    ...(endTime === undefined ? {} : { endTime: new Date(endTime), durationInSeconds }),
  };
}
