import type { StackOutcome } from "../services/cloudformation/deploy-stack.ts";
import type { BatchPhase } from "../services/codebuild/batch/batch.ts";
import type { BuildPhase, BuildRecord } from "../services/codebuild/build.ts";
import type { Account } from "./account.ts";
import type { ArtifactResult, BatchResult, BuildResult, PhaseResult, RunResult } from "./run-result.ts";
import type { StandInBatch, StandInBuild } from "./stand-in-pipeline.ts";
import type { UnpackedArtifact } from "./unpack-artifacts.ts";

/** Gathers what a run did from the account's records. */
export function collectRunResult(
  account: Account,
  stacks: readonly StackOutcome[],
  built: StandInBuild | StandInBatch | undefined,
): RunResult {
  const { serviceRole = "" } = (built !== undefined && "batch" in built ? built.batch.project : built?.build) ?? {};
  const roleName = serviceRole.split("/").at(-1) ?? "";
  return {
    status: statusOf(built),
    stacks: stacks.map(({ name, status, outputs, failures }) => ({ name, status, outputs, failures })),
    builds: buildResults(built),
    ...(built !== undefined && "batch" in built && { batch: batchResult(built) }),
    images: imageResults(account.pushes),
    pulls: account.pulls.list().map(({ reference, registry, as, counted, source, status }) => ({
      reference,
      registry,
      as,
      counted,
      source,
      status,
    })),
    iam: {
      denied: account.iam.listDenied(),
      unused: built === undefined ? [] : account.iam.listUnused(roleName),
    },
  };
}

/** A tag that was pushed again is one image: the last. */
function imageResults(pushes: Account["pushes"]): RunResult["images"] {
  const images = pushes.map(({ registry, repository, tag = null, digest, size }) => {
    return { registry, repository, tag, digest, size };
  });
  return [
    ...new Map(
      images.map((image) => [`${image.registry}/${image.repository}:${image.tag ?? image.digest}`, image]),
    ).values(),
  ];
}

function statusOf(built: StandInBuild | StandInBatch | undefined): RunResult["status"] {
  if (built === undefined) return "FAILED";
  const { status } = "batch" in built ? built.batch : built.build;
  return status === "SUCCEEDED" || status === "STOPPED" ? status : "FAILED";
}

function buildResults(built: StandInBuild | StandInBatch | undefined): BuildResult[] {
  if (built === undefined) return [];
  const builds = "batch" in built ? built.builds : [built.build];
  return builds.map((build) => buildResult(build, built.artifacts));
}

function buildResult(build: BuildRecord, artifacts: readonly UnpackedArtifact[]): BuildResult {
  return {
    id: build.id,
    project: build.projectName,
    ...(build.batch !== undefined && { task: build.batch.identifier }),
    status: build.status,
    phases: build.phases.map(phaseResult),
    artifacts: artifactResults(build.id, artifacts),
    exportedVariables: build.exportedVariables,
  };
}

function batchResult({ batch, builds, artifacts }: StandInBatch): BatchResult {
  const { id, projectName, status, phases, groups } = batch;
  // Which build's variable an action has where several export one of a name is not known.
  const variables = new Map(builds.flatMap(({ exportedVariables }) => exportedVariables.map((one) => [one.name, one])));
  return {
    ...{ id, project: projectName, status },
    phases: phases.map(phaseResult),
    groups: groups.map(({ planned: { identifier, dependsOn, ignoreFailure }, current }) => ({
      ...{ identifier, dependsOn, ignoreFailure },
      ...(current !== undefined && { status: current.status, build: current.buildId }),
    })),
    artifacts: artifactResults(id, artifacts),
    exportedVariables: [...variables.values()],
  };
}

function phaseResult({ phaseType, phaseStatus, startTime, endTime, contexts }: BuildPhase | BatchPhase): PhaseResult {
  return {
    phaseType,
    ...(phaseStatus === undefined ? {} : { phaseStatus }),
    ...(endTime === undefined ? {} : { durationInSeconds: (endTime - startTime) / 1000 }),
    contexts,
  };
}

function artifactResults(owner: string, artifacts: readonly UnpackedArtifact[]): ArtifactResult[] {
  return artifacts.filter(({ buildId }) => buildId === owner).map(({ buildId: _, ...artifact }) => artifact);
}
