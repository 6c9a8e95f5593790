import { AwsError } from "../../aws-api/aws-error.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import type { Store } from "../../store/store.ts";
import type { BatchRecord } from "./batch/batch.ts";
import { type Batches, openBatches } from "./batch/batches.ts";
import { type AutoRetry, abandonBuild, type BuildRecord } from "./build.ts";
import { type CodeBuildStore, openCodeBuildStore } from "./codebuild-store.ts";
import type { BuildCollaborators, SourceDirectories } from "./collaborators.ts";
import type { FileSystemRecord } from "./file-systems.ts";
import {
  type PipelineBatchRequest,
  type PipelineBuildRequest,
  startPipelineBatch,
  startPipelineBuild,
} from "./pipeline-build.ts";
import type { ArtifactsRecord, CacheRecord, ProjectRecord, SourceRecord, SourceVersionRecord } from "./project.ts";
import { isRetried } from "./run/auto-retry.ts";
import { checkBuildable, logTarget, settingsWithoutEffect } from "./run/build-plan.ts";
import { openBuildQueue } from "./run/build-queue.ts";
import { BuildEnd, type BuildInput } from "./run/build-run.ts";
import { runBuild } from "./run/run-build.ts";

/** The builds of an account: which run, and how they are started and ended. */
export interface CodeBuild {
  store: CodeBuildStore;
  batches: Batches;
  /** What stands in for repositories. */
  sources: SourceDirectories;
  /**
   * Starts a build of the project as it stands in the argument; the result is the build as it begins. Throws AwsError
   * AccountLimitExceededException where too many run already.
   */
  start(project: ProjectRecord, changes: Partial<BuildRecord>, input: BuildInput): BuildRecord;
  /** Starts a build whose source and artifact are a pipeline's, whatever the project says of them. */
  startPipelineBuild(request: PipelineBuildRequest): BuildRecord;
  /** The same as a batch: the action's BatchEnabled. */
  startPipelineBatch(request: PipelineBatchRequest): BatchRecord;
  /** Resolves with the record when the build has ended; at once where it has. */
  ended(buildId: string): Promise<BuildRecord>;
  /** Throws AwsError InvalidInputException where builds may not take the role. */
  checkServiceRole(roleArn: string): void;
  /** From now on no build of the project finds what earlier ones kept. */
  invalidateCache(project: ProjectRecord): void;
  /** Does nothing to a build that has ended. */
  stop(buildId: string): void;
  /** Stops all builds and waits for them. */
  shutdown(): Promise<void>;
}

export interface CodeBuildOptions {
  store: Store;
  secretBox: SecretBox;
  region: string;
  account: string;
  collaborators: BuildCollaborators;
  /** How many builds run at once; the others wait. */
  concurrentBuilds: number;
  onDefect(error: unknown): void;
}

interface RunningBuild {
  end: AbortController;
  outcome: Promise<BuildRecord>;
}

/** Builds that a process left IN_PROGRESS when it crashed are FAULT from here on. */
export function openCodeBuild(options: CodeBuildOptions): CodeBuild {
  const { collaborators } = options;
  const store = openCodeBuildStore(options.store, options.secretBox, collaborators.now);
  const queue = openBuildQueue(options.concurrentBuilds);
  const running = new Map<string, RunningBuild>();
  abandonBuilds(store, collaborators.now());
  const start: CodeBuild["start"] = (project, changes, input) => {
    checkBuildable(project, collaborators.sources);
    const stored = store.projects.get(project.name) ?? project;
    const build = newBuild(options, { ...project, builds: stored.builds }, changes);
    const end = new AbortController();
    const isPatient = build.batch !== undefined || (build.autoRetry?.number ?? 0) > 0;
    const projectLimit = project.settings.concurrentBuildLimit;
    const queued = queue.enter({ buildId: build.id, projectName: project.name, projectLimit, isPatient }, end.signal);
    if (store.projects.get(project.name) !== undefined) {
      store.projects.put(project.name, { ...stored, builds: build.number });
    }
    store.builds.put(build.id, build);
    const outcome = launch(options, store, build, { input, end, queued }).then((done) => {
      queue.leave(build.id);
      running.delete(build.id);
      return retry(project, done, input);
    });
    // Whoever waits for the build gets the error; nobody may.
    outcome.catch(options.onDefect);
    running.set(build.id, { end, outcome });
    return structuredClone(build);
  };
  const ended = async (buildId: string) => {
    const build = (await running.get(buildId)?.outcome) ?? store.builds.get(buildId);
    if (build === undefined) throw new AwsError("ResourceNotFoundException", `Build does not exist: ${buildId}`);
    return build;
  };
  const stop = (buildId: string) => running.get(buildId)?.end.abort(new BuildEnd("STOPPED"));
  const builds = { start, ended, stop };
  const { batches: records, projects, reports } = store;
  const batches = openBatches({ ...options, records, projects, reports, builds });
  let isOpen = true;
  /** A failed build of a project with an autoRetryLimit is started once more. */
  const retry = (project: ProjectRecord, build: BuildRecord, input: BuildInput): BuildRecord => {
    const { autoRetry } = build;
    if (!isOpen || autoRetry === undefined || !isRetried(build, collaborators)) return build;
    autoRetry.next = start(project, retryOf(build, autoRetry), input).arn;
    store.builds.put(build.id, build);
    return build;
  };
  return {
    ...{ store, batches, start, ended, stop },
    sources: collaborators.sources,
    startPipelineBuild: (request) => startPipelineBuild(store, start, request),
    startPipelineBatch: (request) => startPipelineBatch(store, batches.start, request),
    checkServiceRole: (roleArn) => checkServiceRole(collaborators, roleArn),
    invalidateCache: (project) => invalidateCache(store, collaborators, project),
    async shutdown() {
      isOpen = false;
      await batches.shutdown();
      for (const { end } of running.values()) end.abort(new BuildEnd("STOPPED"));
      await Promise.all([...running.values()].map(({ outcome }) => outcome));
    },
  };
}

function abandonBuilds({ builds }: CodeBuildStore, now: Date): void {
  for (const build of builds.list().filter(({ status }) => status === "IN_PROGRESS")) {
    abandonBuild(build, now.getTime());
    builds.put(build.id, build);
  }
}

function retryOf({ initiator, sourceVersion, arn }: BuildRecord, before: AutoRetry): Partial<BuildRecord> {
  const autoRetry = { limit: before.limit, number: before.number + 1, previous: arn };
  return { initiator, autoRetry, ...(sourceVersion === undefined ? {} : { sourceVersion }) };
}

/** CodeBuild takes a role once when a project gets it. https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html */
function checkServiceRole({ roles }: BuildCollaborators, roleArn: string): void {
  try {
    roles.revoke(roles.assume(roleArn, "AWSCodeBuild").accessKeyId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError("InvalidInputException", error.message);
  }
}

/** Objects of an S3 cache stay where they are, under a name that nobody asks for any more. */
function invalidateCache(
  { projects }: CodeBuildStore,
  { localCaches }: BuildCollaborators,
  project: ProjectRecord,
): void {
  localCaches.clear(project.name);
  projects.put(project.name, { ...project, cacheGeneration: (project.cacheGeneration ?? 0) + 1 });
}

interface Launch {
  input: BuildInput;
  end: AbortController;
  /** Undefined where the build need not wait. */
  queued: Promise<void> | undefined;
}

/** The time of a build begins when it has left the queue. */
async function launch(
  options: CodeBuildOptions,
  store: CodeBuildStore,
  build: BuildRecord,
  { input, end, queued }: Launch,
): Promise<BuildRecord> {
  const { region, collaborators } = options;
  const timeOutIn = (minutes: number) => setTimeout(() => end.abort(new BuildEnd("TIMED_OUT")), minutes * 60_000);
  let timer = timeOutIn(queued === undefined ? build.timeoutInMinutes : build.queuedTimeoutInMinutes);
  const admitted = queued?.then(() => {
    clearTimeout(timer);
    timer = timeOutIn(build.timeoutInMinutes);
  });
  // A build that is ended before it waits never asks.
  admitted?.catch(() => undefined);
  const save = (changed: BuildRecord) => store.builds.put(changed.id, changed);
  const { reports } = store;
  return runBuild({ build, region, collaborators, input, reports, signal: end.signal, save, queued: admitted })
    .catch((error: unknown) => {
      options.onDefect(error);
      return build;
    })
    .finally(() => clearTimeout(timer));
}

function newBuild(options: CodeBuildOptions, project: ProjectRecord, changes: Partial<BuildRecord>): BuildRecord {
  const uuid = options.collaborators.newUuid();
  const id = `${project.name}:${uuid}`;
  const { encryptionKey, vpcConfig, fileSystemLocations, ...settings } = project.settings;
  const { secondarySources, secondarySourceVersions, autoRetryLimit = 0 } = settings;
  return {
    id,
    arn: `arn:aws:codebuild:${options.region}:${options.account}:build/${id}`,
    number: project.builds + 1,
    projectName: project.name,
    status: "IN_PROGRESS",
    phases: [],
    startTime: options.collaborators.now().getTime(),
    initiator: "root",
    ...(project.sourceVersion === undefined ? {} : { sourceVersion: project.sourceVersion }),
    source: project.source,
    artifacts: project.artifacts,
    secondaryArtifacts: (project.settings.secondaryArtifacts ?? []) as ArtifactsRecord[],
    artifactResults: [],
    cache: (project.settings.cache ?? { type: "NO_CACHE" }) as CacheRecord,
    ...(project.cacheGeneration === undefined ? {} : { cacheGeneration: project.cacheGeneration }),
    ...(fileSystemLocations !== undefined && { fileSystemLocations: fileSystemLocations as FileSystemRecord[] }),
    environment: project.environment,
    serviceRole: project.serviceRole,
    timeoutInMinutes: project.timeoutInMinutes,
    queuedTimeoutInMinutes: project.queuedTimeoutInMinutes,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
    ...(vpcConfig === undefined ? {} : { vpcConfig }),
    logs: logTarget(project, uuid),
    settingsWithoutEffect: settingsWithoutEffect(project),
    exportedVariables: [],
    ...(secondarySources === undefined ? {} : { secondarySources: secondarySources as SourceRecord[] }),
    ...(secondarySourceVersions === undefined
      ? {}
      : { secondarySourceVersions: secondarySourceVersions as SourceVersionRecord[] }),
    ...(autoRetryLimit === 0 ? {} : { autoRetry: { limit: autoRetryLimit, number: 0 } }),
    ...changes,
  };
}
