import { AwsError } from "../../../aws-api/aws-error.ts";
import type { ArtifactResult, BuildRecord, BuildStatus } from "../build.ts";
import { type ProjectRecord, withVariables } from "../project.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import type { BatchGroup } from "./batch.ts";
import type { BatchRun } from "./run-batch.ts";
import { taskArtifacts, taskInput } from "./task-artifacts.ts";

/** Throws PhaseFailure where the batch's role may not. */
type Authorize = (operation: "StartBuild" | "StopBuild" | "RetryBuild") => void;

/** A batch's builds under way. */
interface Dispatch {
  run: BatchRun;
  authorize: Authorize;
  pending: Set<BatchGroup>;
  running: Map<BatchGroup, Promise<BatchGroup>>;
  /** The first one. */
  failure: PhaseFailure | undefined;
}

/**
 * Starts every build as soon as those that it depends on have succeeded, or failed and were to be ignored. All that can
 * run are started; how many do run at once, the account's queue decides. After a failure the others go on, unless the batch
 * is to fail fast: then what runs is stopped and nothing new begins. Throws PhaseFailure where the batch has failed.
 */
export async function buildGroups(run: BatchRun, authorize: Authorize): Promise<void> {
  const { batch, signal } = run;
  const pending = new Set(batch.groups.filter(({ current }) => current === undefined));
  const dispatch: Dispatch = { run, authorize, pending, running: new Map(), failure: undefined };
  const stop = () => stopAll(dispatch);
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (startReady(dispatch); dispatch.running.size > 0; startReady(dispatch)) {
      const ended = await Promise.race(dispatch.running.values());
      dispatch.running.delete(ended);
      if (!isGood(ended) && !signal.aborted) noteFailure(dispatch, ended);
    }
  } finally {
    // What is still running when the role turns out to be refused is waited for: a batch ends after its builds.
    await Promise.all(dispatch.running.values());
    signal.removeEventListener("abort", stop);
  }
  const failure = dispatch.failure ?? earlierFailure(batch.groups);
  if (failure !== undefined && !signal.aborted) throw failure;
}

function startReady(dispatch: Dispatch): void {
  const { run, authorize, pending, running } = dispatch;
  for (const group of pending) {
    if (run.signal.aborted || (dispatch.failure !== undefined && run.batch.fastFail)) return;
    if (!isReady(run, group)) continue;
    pending.delete(group);
    try {
      running.set(group, startGroup(run, group, authorize));
    } catch (error) {
      dispatch.failure ??= failureOf(error, group);
    }
  }
}

function noteFailure(dispatch: Dispatch, { planned, current }: BatchGroup): void {
  dispatch.failure ??= new PhaseFailure("BATCH_FAILED", `the build ${planned.identifier} ended ${current?.status}`);
  if (!dispatch.run.batch.fastFail || dispatch.running.size === 0) return;
  dispatch.authorize("StopBuild");
  stopAll(dispatch);
}

function stopAll({ run, running }: Dispatch): void {
  for (const { current } of running.keys()) if (current !== undefined) run.builds.stop(current.buildId);
}

/** A group that a retry has left as it was may have failed before. */
function earlierFailure(groups: readonly BatchGroup[]): PhaseFailure | undefined {
  const failed = groups.find((group) => !isGood(group));
  if (failed === undefined) return undefined;
  const status = failed.current?.status ?? "was not started";
  return new PhaseFailure("BATCH_FAILED", `the build ${failed.planned.identifier} ${status}`);
}

function isGood({ planned, current }: BatchGroup): boolean {
  return current?.status === "SUCCEEDED" || (planned.ignoreFailure && current !== undefined);
}

function isReady({ batch }: BatchRun, { planned }: BatchGroup): boolean {
  return planned.dependsOn.every((name) => {
    const group = batch.groups.find((other) => other.planned.identifier === name);
    return group !== undefined && group.current?.status !== "IN_PROGRESS" && isGood(group);
  });
}

function startGroup(run: BatchRun, group: BatchGroup, authorize: Authorize): Promise<BatchGroup> {
  const { batch, builds, collaborators, save } = run;
  authorize(group.prior.length > 0 ? "RetryBuild" : "StartBuild");
  const { planned } = group;
  const { sourceVersion, resolvedSourceVersion, project } = batch;
  const isDebugged = batch.debugSessionEnabled === true || planned.debugSession === true;
  const changes: Partial<BuildRecord> = {
    initiator: batch.initiator,
    ...(sourceVersion === undefined ? {} : { sourceVersion }),
    ...(project.source.type === "CODEPIPELINE" && resolvedSourceVersion !== undefined && { resolvedSourceVersion }),
    ...(isDebugged && { debugSessionEnabled: true }),
    batch: {
      arn: batch.arn,
      identifier: planned.identifier,
      ...(planned.shard === undefined ? {} : { shard: planned.shard }),
    },
  };
  const pinned = sourceVersion === undefined ? undefined : resolvedSourceVersion;
  const { identifier } = planned;
  const input = taskInput(batch, identifier, run.input, (archive) => void run.archives.set(identifier, archive));
  const build = builds.start(projectOf(run, group), changes, {
    ...input,
    ...(pinned === undefined ? {} : { pinnedVersion: pinned }),
  });
  group.current = {
    buildId: build.id,
    arn: build.arn,
    requestedOn: collaborators.now().getTime(),
    status: "IN_PROGRESS",
  };
  save(batch);
  return builds
    .ended(build.id)
    .then(({ status, artifactResults }: { status: BuildStatus; artifactResults: ArtifactResult[] }) => {
      const artifactLocation = artifactResults.find(({ identifier }) => identifier === undefined)?.location;
      if (group.current !== undefined) {
        group.current.status = status;
        if (artifactLocation !== undefined) group.current.artifactLocation = artifactLocation;
      }
      save(batch);
      return group;
    });
}

/** The project as one task wants it. */
function projectOf({ batch, input }: BatchRun, { planned }: BatchGroup): ProjectRecord {
  const { variables, fleet, ...own } = planned.environment;
  const { project } = batch;
  const environment = {
    ...batch.environment,
    ...own,
    ...(fleet === undefined ? {} : { fleet: { fleetArn: fleet } }),
  };
  const plain = Object.entries(variables).map(([name, value]) => ({ name, value, type: "PLAINTEXT" as const }));
  const { artifacts, secondaryArtifacts } = taskArtifacts(batch, planned.identifier, input);
  return {
    ...project,
    source: { ...project.source, ...(planned.buildspec === undefined ? {} : { buildspec: planned.buildspec }) },
    artifacts,
    settings: { ...project.settings, secondaryArtifacts } as ProjectRecord["settings"],
    environment: withVariables(environment, plain),
  };
}

function failureOf(error: unknown, { planned }: BatchGroup): PhaseFailure {
  if (error instanceof PhaseFailure) return error;
  if (!(error instanceof AwsError)) throw error;
  return new PhaseFailure("CLIENT_ERROR", `${planned.identifier}: ${error.message}`, { cause: error });
}
