import { AwsError } from "../../aws-api/aws-error.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import type { Store } from "../../store/store.ts";
import { abandonBuild, type BuildRecord } from "./build.ts";
import { type CodeBuildStore, openCodeBuildStore } from "./codebuild-store.ts";
import type { BuildCollaborators } from "./collaborators.ts";
import type { ArtifactsRecord, CacheRecord, ProjectRecord, VariableRecord } from "./project.ts";
import { checkBuildable, logTarget, settingsWithoutEffect } from "./run/build-plan.ts";
import { BuildEnd, type BuildInput } from "./run/build-run.ts";
import { runBuild } from "./run/run-build.ts";

/** The builds of an account: which run, and how they are started and ended. */
export interface CodeBuild {
  store: CodeBuildStore;
  /** Starts a build of the project as it stands in the argument; the result is the build as it begins. */
  start(project: ProjectRecord, changes: Partial<BuildRecord>, input: BuildInput): BuildRecord;
  /** Starts a build whose source and artifact are a pipeline's, whatever the project says of them. */
  startPipelineBuild(request: PipelineBuildRequest): BuildRecord;
  /** Resolves with the record when the build has ended; at once where it has. */
  ended(buildId: string): Promise<BuildRecord>;
  /** From now on no build of the project finds what earlier ones kept. */
  invalidateCache(project: ProjectRecord): void;
  /** Does nothing to a build that has ended. */
  stop(buildId: string): void;
  /** Stops all builds and waits for them. */
  shutdown(): Promise<void>;
}

export interface PipelineBuildRequest {
  projectName: string;
  /** The source artifact: a zip in hand, or an object that the build's role reads. */
  source: { zip: Uint8Array } | { bucket: string; key: string };
  /** CODEBUILD_RESOLVED_SOURCE_VERSION: the pipeline's revision, a commit. */
  resolvedSourceVersion: string;
  /** CODEBUILD_SOURCE_VERSION, `arn:aws:s3:::bucket/pipeline/App/OGgJCVJ.zip`. */
  sourceVersion?: string;
  /**
   * The output artifacts of the action. One is the buildspec's primary artifact, of several each is a secondary one of its
   * name. Without a location, only `onArtifact` gets it.
   */
  outputs: readonly PipelineOutput[];
  /** `BUCKET/KEY` for outputs that only the buildspec names, where nobody declared any. */
  outputLocationOf?(name: string): string | undefined;
  /** `codepipeline/NAME`. */
  initiator: string;
  environmentVariablesOverride?: readonly VariableRecord[];
  /** Inline text, an S3 ARN or a path below the source directory. */
  buildspecOverride?: string;
  onArtifact?: BuildInput["onArtifact"];
}

export interface PipelineOutput {
  name: string;
  location?: { bucket: string; key: string };
}

export interface CodeBuildOptions {
  store: Store;
  secretBox: SecretBox;
  region: string;
  account: string;
  collaborators: BuildCollaborators;
  onDefect(error: unknown): void;
}

interface RunningBuild {
  end: AbortController;
  outcome: Promise<BuildRecord>;
}

/** Builds that a process left IN_PROGRESS when it crashed are FAULT from here on. */
export function openCodeBuild(options: CodeBuildOptions): CodeBuild {
  const { collaborators } = options;
  const store = openCodeBuildStore(options.store, options.secretBox);
  const running = new Map<string, RunningBuild>();
  for (const build of store.builds.list().filter(({ status }) => status === "IN_PROGRESS")) {
    abandonBuild(build, collaborators.now().getTime());
    store.builds.put(build.id, build);
  }
  const start: CodeBuild["start"] = (project, changes, input) => {
    checkBuildable(project);
    const stored = store.projects.get(project.name) ?? project;
    const build = newBuild(options, { ...project, builds: stored.builds }, changes);
    if (store.projects.get(project.name) !== undefined) {
      store.projects.put(project.name, { ...stored, builds: build.number });
    }
    store.builds.put(build.id, build);
    running.set(build.id, launch(options, store, build, input));
    void running.get(build.id)?.outcome.then(() => running.delete(build.id));
    return structuredClone(build);
  };
  return {
    store,
    start,
    startPipelineBuild: (request) => startPipelineBuild({ store, start }, request),
    async ended(buildId) {
      const build = (await running.get(buildId)?.outcome) ?? store.builds.get(buildId);
      if (build === undefined) throw new AwsError("ResourceNotFoundException", `Build does not exist: ${buildId}`);
      return build;
    },
    invalidateCache(project) {
      collaborators.localCaches.clear(project.name);
      // Objects of an S3 cache stay where they are, under a name that nobody asks for.
      store.projects.put(project.name, { ...project, cacheGeneration: (project.cacheGeneration ?? 0) + 1 });
    },
    stop: (buildId) => running.get(buildId)?.end.abort(new BuildEnd("STOPPED")),
    async shutdown() {
      const all = [...running.values()];
      for (const { end } of all) end.abort(new BuildEnd("STOPPED"));
      await Promise.all(all.map(({ outcome }) => outcome));
    },
  };
}

function launch(options: CodeBuildOptions, store: CodeBuildStore, build: BuildRecord, input: BuildInput): RunningBuild {
  const { region, collaborators } = options;
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new BuildEnd("TIMED_OUT")), build.timeoutInMinutes * 60_000);
  const save = (changed: BuildRecord) => store.builds.put(changed.id, changed);
  const outcome = runBuild({ build, region, collaborators, input, signal: end.signal, save })
    .catch((error: unknown) => {
      options.onDefect(error);
      return build;
    })
    .finally(() => clearTimeout(timer));
  return { end, outcome };
}

function startPipelineBuild(
  { store, start }: Pick<CodeBuild, "store" | "start">,
  request: PipelineBuildRequest,
): BuildRecord {
  const { source, outputs, sourceVersion, onArtifact, outputLocationOf } = request;
  const project = store.projects.get(request.projectName);
  if (project === undefined) {
    throw new AwsError("ResourceNotFoundException", `Project cannot be found: ${request.projectName}`);
  }
  const { buildspecOverride: buildspec = project.source.buildspec } = request;
  const location = "zip" in source ? {} : { location: `${source.bucket}/${source.key}` };
  const secondaryArtifacts = outputs.length > 1 ? outputs.map(placeOfOutput) : [];
  const planned: ProjectRecord = {
    ...project,
    source: { type: "CODEPIPELINE", ...(buildspec === undefined ? {} : { buildspec }), ...location },
    artifacts: primaryOutput(outputs),
    environment: withVariables(project.environment, request.environmentVariablesOverride ?? []),
  };
  const { initiator, resolvedSourceVersion } = request;
  const changes = {
    ...{ initiator, resolvedSourceVersion, secondaryArtifacts },
    ...(sourceVersion === undefined ? {} : { sourceVersion }),
  };
  return start(planned, changes, {
    ...("zip" in source ? { sourceZip: Buffer.from(source.zip) } : {}),
    ...(onArtifact === undefined ? {} : { onArtifact }),
    ...(outputLocationOf === undefined ? {} : { outputLocationOf }),
  });
}

function placeOfOutput({ name, location }: PipelineOutput): ArtifactsRecord {
  const target = location === undefined ? {} : { location: `${location.bucket}/${location.key}` };
  return { type: "CODEPIPELINE", artifactIdentifier: name, ...target };
}

function primaryOutput(outputs: readonly PipelineOutput[]): ArtifactsRecord {
  const [only] = outputs;
  if (only === undefined || outputs.length > 1) return { type: "CODEPIPELINE" };
  const { artifactIdentifier: _, ...place } = placeOfOutput(only);
  return place;
}

/** An override replaces the project's variable of the same name. */
export function withVariables(
  environment: ProjectRecord["environment"],
  added: readonly VariableRecord[],
): ProjectRecord["environment"] {
  const kept = environment.environmentVariables.filter(({ name }) => !added.some((variable) => variable.name === name));
  return { ...environment, environmentVariables: [...kept, ...added] };
}

function newBuild(options: CodeBuildOptions, project: ProjectRecord, changes: Partial<BuildRecord>): BuildRecord {
  const uuid = options.collaborators.newUuid();
  const id = `${project.name}:${uuid}`;
  const { encryptionKey } = project.settings;
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
    environment: project.environment,
    serviceRole: project.serviceRole,
    timeoutInMinutes: project.timeoutInMinutes,
    queuedTimeoutInMinutes: project.queuedTimeoutInMinutes,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
    logs: logTarget(project, uuid),
    settingsWithoutEffect: settingsWithoutEffect(project),
    exportedVariables: [],
    ...changes,
  };
}
