import { AwsError } from "../../aws-api/aws-error.ts";
import type { BatchRecord } from "./batch/batch.ts";
import type { Batches } from "./batch/batches.ts";
import type { BuildRecord } from "./build.ts";
import type { CodeBuildStore } from "./codebuild-store.ts";
import { invalid } from "./operations/project-input.ts";
import { type ArtifactsRecord, type ProjectRecord, type VariableRecord, withVariables } from "./project.ts";
import type { BuildInput } from "./run/build-run.ts";

export interface PipelineRequest extends Pick<BuildInput, "attendant" | "lastPhase"> {
  projectName: string;
  /** The source artifact: a zip in hand, or an object that the build's role reads. */
  source: { zip: Uint8Array } | { bucket: string; key: string };
  /** CODEBUILD_RESOLVED_SOURCE_VERSION: the pipeline's revision, a commit. */
  resolvedSourceVersion: string;
  /** CODEBUILD_SOURCE_VERSION, `arn:aws:s3:::bucket/pipeline/App/OGgJCVJ.zip`. */
  sourceVersion?: string;
  /** `BUCKET/KEY` for outputs that only the buildspec names, where nobody declared any. */
  outputLocationOf?(name: string): string | undefined;
  /** `codepipeline/NAME`. */
  initiator: string;
  environmentVariablesOverride?: readonly VariableRecord[];
  /** Inline text, an S3 ARN or a path below the source directory. */
  buildspecOverride?: string;
  debugSessionEnabled?: boolean;
  onArtifact?: BuildInput["onArtifact"];
}

export interface PipelineBuildRequest extends PipelineRequest {
  /**
   * The output artifacts of the action. One is the buildspec's primary artifact, of several each is a secondary one of its
   * name. Without a location, only `onArtifact` gets it.
   */
  outputs: readonly PipelineOutput[];
}

/** An action with BatchEnabled. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-codepipeline.html */
export interface PipelineBatchRequest extends PipelineRequest {
  /**
   * The output artifacts of the action: `TASK` is a task's primary artifact and `TASK_IDENTIFIER` a secondary one of it.
   * Undefined where nobody declared any: then they are what the buildspecs make.
   */
  outputs: readonly PipelineOutput[] | undefined;
  /** CombineArtifacts of the action: the only output is one archive of all primary artifacts. */
  combinesArtifacts: boolean;
}

export interface PipelineOutput {
  name: string;
  location?: { bucket: string; key: string };
}

export function startPipelineBuild(
  store: CodeBuildStore,
  start: (project: ProjectRecord, changes: Partial<BuildRecord>, input: BuildInput) => BuildRecord,
  request: PipelineBuildRequest,
): BuildRecord {
  const { outputs } = request;
  const secondaryArtifacts = outputs.length > 1 ? outputs.map(placeOfOutput) : [];
  const project = plannedProject(store, request, primaryOutput(outputs));
  return start(project, { ...changesOf(request), secondaryArtifacts }, inputOf(request));
}

/** Throws InvalidInputException for outputs that a combined artifact cannot be, and where the project has no role for batches. */
export function startPipelineBatch(
  store: CodeBuildStore,
  start: Batches["start"],
  request: PipelineBatchRequest,
): BatchRecord {
  const { outputs, combinesArtifacts } = request;
  if (combinesArtifacts && (outputs?.length ?? 1) !== 1) {
    // That one is allowed, is AWS's documentation; the sentence is ours.
    throw invalid("Cannot start batch build: combined artifacts are one output artifact, no more and no less");
  }
  const project = plannedProject(
    store,
    request,
    combinesArtifacts ? primaryOutput(outputs ?? []) : { type: "CODEPIPELINE" },
  );
  const buildBatchConfig = { ...project.settings.buildBatchConfig, combineArtifacts: combinesArtifacts };
  const { secondaryArtifacts: _, ...settings } = project.settings;
  const changes = {
    ...changesOf(request),
    ...(outputs !== undefined && !combinesArtifacts && { outputs: outputs.map(placeOfOutput) }),
  };
  return start({ ...project, settings: { ...settings, buildBatchConfig } }, changes, inputOf(request));
}

/** The project with the pipeline's source and artifact in place of its own. */
function plannedProject(
  { projects }: CodeBuildStore,
  request: PipelineRequest,
  artifacts: ArtifactsRecord,
): ProjectRecord {
  const { projectName, source, environmentVariablesOverride = [] } = request;
  const project = projects.get(projectName);
  if (project === undefined) {
    throw new AwsError("ResourceNotFoundException", `Project cannot be found: ${projectName}`);
  }
  const { buildspecOverride: buildspec = project.source.buildspec } = request;
  const location = "zip" in source ? {} : { location: `${source.bucket}/${source.key}` };
  return {
    ...project,
    source: { type: "CODEPIPELINE", ...(buildspec === undefined ? {} : { buildspec }), ...location },
    artifacts,
    environment: withVariables(project.environment, environmentVariablesOverride),
  };
}

function changesOf({ initiator, resolvedSourceVersion, sourceVersion, debugSessionEnabled = false }: PipelineRequest) {
  return {
    ...{ initiator, resolvedSourceVersion },
    ...(sourceVersion !== undefined && { sourceVersion }),
    ...(debugSessionEnabled && { debugSessionEnabled }),
  };
}

function inputOf({ source, attendant, lastPhase, onArtifact, outputLocationOf }: PipelineRequest): BuildInput {
  return {
    ...{ attendant, lastPhase },
    ...("zip" in source ? { sourceZip: Buffer.from(source.zip) } : {}),
    ...(onArtifact === undefined ? {} : { onArtifact }),
    ...(outputLocationOf === undefined ? {} : { outputLocationOf }),
  };
}

function placeOfOutput({ name, location }: PipelineOutput): ArtifactsRecord & { artifactIdentifier: string } {
  const target = location === undefined ? {} : { location: `${location.bucket}/${location.key}` };
  return { type: "CODEPIPELINE", artifactIdentifier: name, ...target };
}

function primaryOutput(outputs: readonly PipelineOutput[]): ArtifactsRecord {
  const [only] = outputs;
  if (only === undefined || outputs.length > 1) return { type: "CODEPIPELINE" };
  const { artifactIdentifier: _, ...place } = placeOfOutput(only);
  return place;
}
