import type { Build, VpcConfig } from "@aws-sdk/client-codebuild";
import type { FileSystemRecord } from "./file-systems.ts";
import {
  type ArtifactsRecord,
  type CacheRecord,
  defaultEncryptionKey,
  type ProjectEnvironmentRecord,
  type SourceRecord,
  type SourceVersionRecord,
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
  secondarySources?: SourceRecord[];
  secondarySourceVersions?: SourceVersionRecord[];
  artifacts: ArtifactsRecord;
  environment: ProjectEnvironmentRecord;
  serviceRole: string;
  timeoutInMinutes: number;
  queuedTimeoutInMinutes: number;
  encryptionKey?: string;
  logs: {
    groupName: string;
    streamName: string;
    isEnabled: boolean;
    /** `BUCKET/KEY` of the copy in S3. */
    s3Location?: string;
  };
  /** Settings of the project that have no effect here; the log says so. */
  settingsWithoutEffect: string[];
  secondaryArtifacts?: ArtifactsRecord[];
  cache?: CacheRecord;
  fileSystemLocations?: FileSystemRecord[];
  /** How often the project's cache had been invalidated. */
  cacheGeneration?: number;
  /** What became of the artifacts, as they were stored. */
  artifactResults: ArtifactResult[];
  exportedVariables: { name: string; value: string }[];
  /** Of the project; shown, and without effect. */
  vpcConfig?: VpcConfig;
  /** `codebuild-breakpoint` pauses it. */
  debugSessionEnabled?: boolean;
  /** Of a build of a batch. */
  batch?: BatchMembership;
  autoRetry?: AutoRetry;
  reportArns?: string[];
}

export interface BatchMembership {
  arn: string;
  /** CODEBUILD_BATCH_BUILD_IDENTIFIER. */
  identifier: string;
  /** Of a fan-out: which part of the tests is this build's, from 1. */
  shard?: { index: number; count: number };
}

/** How often a failed build is built again by itself. Links are ARNs. */
export interface AutoRetry {
  limit: number;
  /** 0 for the build that somebody started. */
  number: number;
  next?: string;
  previous?: string;
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

/** SUBMITTED and QUEUED have no context but that of a failure; every later phase has one, if an empty one. */
export function finishPhase(phase: BuildPhase, phaseStatus: BuildStatus, time: number, context?: PhaseContext): void {
  const isEarly = phase.phaseType === "SUBMITTED" || phase.phaseType === "QUEUED";
  phase.phaseStatus = phaseStatus;
  phase.endTime = time;
  phase.contexts = isEarly && context === undefined ? [] : [context ?? { statusCode: "", message: "" }];
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
  const { number, status, phases, startTime, endTime, artifacts, artifactResults: _, logs, ...others } = build;
  const {
    settingsWithoutEffect: __,
    cacheGeneration: ___,
    debugSessionEnabled,
    source,
    environment,
    ...record
  } = others;
  const {
    batch,
    autoRetry,
    exportedVariables,
    secondarySources = [],
    secondaryArtifacts = [],
    cache,
    ...rest
  } = record;
  return {
    encryptionKey: defaultEncryptionKey(build.arn),
    secondarySourceVersions: [],
    ...rest,
    buildNumber: number,
    buildStatus: status,
    buildComplete: status !== "IN_PROGRESS",
    currentPhase: currentPhase(build)?.phaseType ?? "SUBMITTED",
    startTime: new Date(startTime),
    ...(endTime === undefined ? {} : { endTime: new Date(endTime) }),
    phases: phases.map(describePhase),
    source: { insecureSsl: false, ...source } as NonNullable<Build["source"]>,
    environment: environment as NonNullable<Build["environment"]>,
    exportedEnvironmentVariables: exportedVariables,
    secondarySources: secondarySources as NonNullable<Build["secondarySources"]>,
    secondaryArtifacts: secondaryArtifacts.map((place) => describeArtifacts(build, place, place.artifactIdentifier)),
    artifacts: describeArtifacts(build, artifacts, undefined),
    cache: (cache ?? { type: "NO_CACHE" }) as NonNullable<Build["cache"]>,
    ...(batch === undefined ? {} : { buildBatchArn: batch.arn }),
    ...(autoRetry === undefined ? {} : { autoRetryConfig: describeAutoRetry(autoRetry) }),
    logs: describeLogs(build),
    // There is no Session Manager here, so the session has no target.
    ...(debugSessionEnabled === true && { debugSession: { sessionEnabled: true } }),
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

function describeLogs({ arn, logs }: BuildRecord): NonNullable<Build["logs"]> {
  const { groupName, streamName, isEnabled, s3Location } = logs;
  const [, partition, , region, account] = arn.split(":");
  const s3 =
    s3Location === undefined
      ? {}
      : {
          s3Logs: { status: "ENABLED" as const, location: s3Location },
          s3LogsArn: `arn:${partition}:s3:::${s3Location}`,
        };
  if (!isEnabled) return { cloudWatchLogs: { status: "DISABLED" }, ...s3 };
  const logsArn = `arn:${partition}:logs:${region}:${account}:log-group:${groupName}:log-stream:${streamName}`;
  // Of AWS's console, which does not know this build: programs that print it need it to be there.
  const deepLink = `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logEvent:group=${groupName};stream=${streamName}`;
  return { groupName, streamName, deepLink, cloudWatchLogs: { status: "ENABLED" }, cloudWatchLogsArn: logsArn, ...s3 };
}

function describeAutoRetry({ limit, number, next, previous }: AutoRetry): NonNullable<Build["autoRetryConfig"]> {
  return {
    autoRetryLimit: limit,
    autoRetryNumber: number,
    ...(next === undefined ? {} : { nextAutoRetry: next }),
    ...(previous === undefined ? {} : { previousAutoRetry: previous }),
  };
}

/** COMPLETED, which never ends, has its type and start only. */
function describePhase({ startTime, endTime, contexts, ...phase }: BuildPhase) {
  const durationInSeconds = Math.round(((endTime ?? startTime) - startTime) / 1000);
  return {
    ...phase,
    startTime: new Date(startTime),
    ...(contexts.length > 0 && { contexts }),
    ...(endTime === undefined ? {} : { endTime: new Date(endTime), durationInSeconds }),
  };
}
