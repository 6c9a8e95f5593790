import type { BuildBatch, BuildGroup, BuildSummary, ProjectBuildBatchConfig } from "@aws-sdk/client-codebuild";
import type { BuildStatus, PhaseContext } from "../build.ts";
import {
  type ArtifactsRecord,
  defaultEncryptionKey,
  type ProjectEnvironmentRecord,
  type ProjectRecord,
} from "../project.ts";
import type { PlannedBuild } from "./plan-batch.ts";

/** The last is one of SUCCEEDED, FAILED and STOPPED. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildBatchPhase.html */
export type BatchPhaseType =
  | "SUBMITTED"
  | "DOWNLOAD_BATCHSPEC"
  | "IN_PROGRESS"
  | "COMBINE_ARTIFACTS"
  | "SUCCEEDED"
  | "FAILED"
  | "STOPPED";

/** Times in milliseconds since 1970. */
export interface BatchPhase {
  phaseType: BatchPhaseType;
  phaseStatus?: BuildStatus;
  startTime: number;
  endTime?: number;
  contexts: PhaseContext[];
}

/** A build that a batch has started. */
export interface BatchBuild {
  buildId: string;
  arn: string;
  requestedOn: number;
  status: BuildStatus;
  /** Where its artifact is: an S3 ARN. */
  artifactLocation?: string;
}

/** What the API calls a build group: one task, the build that stands for it now, and those before a retry. */
export interface BatchGroup {
  planned: PlannedBuild;
  current?: BatchBuild;
  prior: BatchBuild[];
}

/** Where an output of a pipeline's action goes. */
export type PipelinePlace = ArtifactsRecord & { artifactIdentifier: string };

export interface BatchRecord {
  /** `PROJECT:UUID`. */
  id: string;
  arn: string;
  number: number;
  projectName: string;
  status: BuildStatus;
  phases: BatchPhase[];
  startTime: number;
  endTime?: number;
  initiator: string;
  sourceVersion?: string;
  resolvedSourceVersion?: string;
  /** The project as the call wanted it, without what is sealed. */
  project: Omit<ProjectRecord, "environment">;
  environment: ProjectEnvironmentRecord;
  config: ProjectBuildBatchConfig;
  fastFail: boolean;
  /** `codebuild-breakpoint` pauses all builds of the batch. */
  debugSessionEnabled?: boolean;
  /** Of a pipeline's action, where each task has outputs of its own. */
  outputs?: PipelinePlace[];
  groups: BatchGroup[];
  /** Where the combined artifact is: an S3 ARN. */
  artifactLocation?: string;
}

export function startBatchPhase(batch: BatchRecord, phaseType: BatchPhaseType, time: number): BatchPhase {
  const phase: BatchPhase = { phaseType, startTime: time, contexts: [] };
  batch.phases.push(phase);
  return phase;
}

export function finishBatchPhase(phase: BatchPhase, status: BuildStatus, time: number, context?: PhaseContext): void {
  phase.phaseStatus = status;
  phase.endTime = time;
  phase.contexts = [context ?? { statusCode: "", message: "" }];
}

/** The last phase says how it ended; there is none of its own for a fault or a timeout. */
export function completeBatch(batch: BatchRecord, status: BuildStatus, time: number): void {
  batch.status = status;
  batch.endTime = time;
  const last = startBatchPhase(batch, status === "SUCCEEDED" || status === "STOPPED" ? status : "FAILED", time);
  finishBatchPhase(last, status === "SUCCEEDED" || status === "STOPPED" ? status : "FAILED", time);
}

/** A batch that another process left behind. Its builds have been abandoned one by one. */
export function abandonBatch(batch: BatchRecord, time: number): void {
  const context = { statusCode: "INTERNAL_SERVICE_ERROR", message: "The server ended while the batch was running." };
  const phase = batch.phases.at(-1);
  if (phase !== undefined && phase.endTime === undefined) finishBatchPhase(phase, "FAULT", time, context);
  for (const { current } of batch.groups) if (current?.status === "IN_PROGRESS") current.status = "FAULT";
  completeBatch(batch, "FAULT", time);
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildBatch.html */
export function describeBatch(batch: BatchRecord): BuildBatch {
  const { id, arn, number, projectName, status, startTime, endTime, initiator, project, environment, config } = batch;
  const { settings, source } = project;
  const { sourceVersion, resolvedSourceVersion, artifactLocation } = batch;
  return {
    ...{ id, arn, initiator, projectName },
    buildBatchNumber: number,
    buildBatchStatus: status,
    complete: status !== "IN_PROGRESS",
    currentPhase: batch.phases.at(-1)?.phaseType ?? "SUBMITTED",
    startTime: new Date(startTime),
    ...(endTime === undefined ? {} : { endTime: new Date(endTime) }),
    ...(sourceVersion === undefined ? {} : { sourceVersion }),
    ...(resolvedSourceVersion === undefined ? {} : { resolvedSourceVersion }),
    phases: batch.phases.map(describePhase),
    source: source as NonNullable<BuildBatch["source"]>,
    secondarySources: settings.secondarySources ?? [],
    secondarySourceVersions: settings.secondarySourceVersions ?? [],
    artifacts: artifactLocation === undefined ? {} : { location: artifactLocation },
    secondaryArtifacts: [],
    cache: settings.cache ?? { type: "NO_CACHE" },
    fileSystemLocations: settings.fileSystemLocations ?? [],
    environment: environment as NonNullable<BuildBatch["environment"]>,
    serviceRole: project.serviceRole,
    ...(settings.logsConfig === undefined ? {} : { logConfig: settings.logsConfig }),
    buildTimeoutInMinutes: project.timeoutInMinutes,
    queuedTimeoutInMinutes: project.queuedTimeoutInMinutes,
    encryptionKey: settings.encryptionKey ?? defaultEncryptionKey(arn),
    buildBatchConfig: config,
    buildGroups: batch.groups.map(describeGroup),
    debugSessionEnabled: batch.debugSessionEnabled ?? false,
  };
}

function describePhase({ phaseType, phaseStatus, startTime, endTime, contexts }: BatchPhase) {
  return {
    ...{ phaseType, contexts },
    phaseStatus: phaseStatus ?? ("IN_PROGRESS" as const),
    startTime: new Date(startTime),
    ...(endTime === undefined
      ? {}
      : { endTime: new Date(endTime), durationInSeconds: Math.round((endTime - startTime) / 1000) }),
  };
}

function describeGroup({ planned, current, prior }: BatchGroup): BuildGroup {
  const { identifier, dependsOn, ignoreFailure } = planned;
  return {
    ...{ identifier, dependsOn, ignoreFailure },
    ...(current === undefined ? {} : { currentBuildSummary: describeSummary(current) }),
    ...(prior.length === 0 ? {} : { priorBuildSummaryList: prior.map(describeSummary) }),
  };
}

function describeSummary({ arn, requestedOn, status, artifactLocation }: BatchBuild): BuildSummary {
  return {
    arn,
    requestedOn: new Date(requestedOn),
    buildStatus: status,
    ...(artifactLocation === undefined ? {} : { primaryArtifact: { type: "S3", location: artifactLocation } }),
  };
}
