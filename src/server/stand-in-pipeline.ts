import type { SimulatePrincipalPolicyCommandOutput } from "@aws-sdk/client-iam";
import type { ListBucketsCommandOutput } from "@aws-sdk/client-s3";
import { AwsError } from "../aws-api/aws-error.ts";
import type { BatchRecord } from "../services/codebuild/batch/batch.ts";
import type { BuildRecord } from "../services/codebuild/build.ts";
import type { PipelineRequest } from "../services/codebuild/pipeline-build.ts";
import { type ProjectRecord, type VariableRecord, withVariables } from "../services/codebuild/project.ts";
import type { BuildInput } from "../services/codebuild/run/build-run.ts";
import { isGitSource } from "../services/codebuild/source/repository-path.ts";
import { UsageError } from "../usage-error.ts";
import type { Account } from "./account.ts";
import type { RunObserver } from "./run-observer.ts";
import type { SourceArtifact } from "./source-directory.ts";
import { primaryArtifactName, type UnpackedArtifact, unpackArtifacts } from "./unpack-artifacts.ts";

export interface StandInBuild {
  build: BuildRecord;
  artifacts: UnpackedArtifact[];
}

export interface StandInBatch {
  batch: BatchRecord;
  /** The last of each task that has been started. */
  builds: BuildRecord[];
  artifacts: UnpackedArtifact[];
}

export interface StandInOptions {
  artifactsDirectory: string;
  observer: RunObserver;
  /** Without templates there is no bucket to look for, and none to miss. */
  artifactStore?: "none";
  environmentVariablesOverride?: readonly VariableRecord[];
  buildspecOverride?: string;
  attendance?: BuildAttendance;
}

/** A person attends the build, or wants only its beginning. */
export interface BuildAttendance extends Pick<BuildInput, "attendant" | "lastPhase"> {
  debugSessionEnabled: boolean;
}

const pipelineName = "chubo";

/** The project to run: the one that was asked for, or the only one. Throws UsageError CONFIG_PROJECT. */
export function chooseProject(projects: readonly ProjectRecord[], asked: string | undefined): ProjectRecord {
  const project = findProject(projects, asked);
  if (project !== undefined) return project;
  throw new UsageError("CONFIG_PROJECT", "the templates hold no CodeBuild project", {
    hint: "chubo run runs an AWS::CodeBuild::Project",
  });
}

/** Undefined where there are no projects and none was asked for. Throws UsageError CONFIG_PROJECT. */
export function findProject<Project extends { name: string }>(
  projects: readonly Project[],
  asked: string | undefined,
): Project | undefined {
  const names = projects.map(({ name }) => name).join(", ");
  if (asked !== undefined) {
    const project = projects.find(({ name }) => name === asked);
    if (project !== undefined) return project;
    throw new UsageError("CONFIG_PROJECT", `there is no CodeBuild project ${asked}`, {
      hint: `the templates have ${names || "none"}`,
    });
  }
  if (projects.length < 2) return projects[0];
  throw new UsageError("CONFIG_PROJECT", "the templates hold several CodeBuild projects", {
    hint: `choose one with --project: ${names}`,
  });
}

/**
 * Stands in for CodePipeline: puts the source into an artifact store, runs the build on it and takes its artifact. The
 * store is the first bucket that the build's role may read and write; without one, source and artifact change hands
 * inside this process, which asks the role for nothing, and the observer is told so. Throws UsageError CONFIG_PROJECT where
 * the project is refused.
 */
export async function runStandInPipeline(
  account: Account,
  project: ProjectRecord,
  source: SourceArtifact,
  options: StandInOptions,
): Promise<StandInBuild> {
  const { codeBuild } = account;
  const { handedOver, place, unpacked } = await handOver(account, project, source, options);
  const started = orRefused(() => {
    if (handedOver === undefined) {
      const { planned, changes, input } = withoutPipeline(project, source, options);
      return codeBuild.start(planned, changes, input);
    }
    return codeBuild.startPipelineBuild({
      ...handedOver,
      outputLocationOf: nameOf(place),
      outputs: primaryOutput(place),
    });
  });
  const build = await lastRetry(account, await codeBuild.ended(started.id));
  return { build, artifacts: [...unpacked] };
}

/** The same as a batch: an action with BatchEnabled, whose CombineArtifacts is what the project says. */
export async function runStandInBatch(
  account: Account,
  project: ProjectRecord,
  source: SourceArtifact,
  options: StandInOptions,
): Promise<StandInBatch> {
  const { codeBuild } = account;
  const { handedOver, place, unpacked } = await handOver(account, project, source, options);
  const started = orRefused(() => {
    if (handedOver === undefined) {
      const { planned, changes, input } = withoutPipeline(project, source, options);
      return codeBuild.batches.start(planned, changes, input);
    }
    const combinesArtifacts = project.settings.buildBatchConfig?.combineArtifacts ?? false;
    const outputs = combinesArtifacts ? primaryOutput(place) : undefined;
    return codeBuild.startPipelineBatch({ ...handedOver, outputLocationOf: nameOf(place), outputs, combinesArtifacts });
  });
  const batch = await codeBuild.batches.ended(started.id);
  const builds = batch.groups.flatMap(({ current }) => codeBuild.store.builds.get(current?.buildId ?? "") ?? []);
  return { batch, builds, artifacts: [...unpacked] };
}

/** Names an object of the artifact store; undefined where there is none. */
type Place = (kind: string) => { bucket: string; key: string } | undefined;

/** No template declares the others: they are what the buildspec makes. */
function primaryOutput(place: Place) {
  const location = place("BuildArtif");
  return [{ name: primaryArtifactName, ...(location !== undefined && { location }) }];
}

function nameOf(place: Place) {
  return (kind: string) => {
    const location = place(kind);
    return location === undefined ? undefined : `${location.bucket}/${location.key}`;
  };
}

/** Puts the source where a project of source type CODEPIPELINE has it; others fetch theirs themselves. */
async function handOver(
  account: Account,
  project: ProjectRecord,
  source: SourceArtifact,
  options: StandInOptions,
): Promise<{ handedOver: PipelineRequest | undefined; place: Place; unpacked: readonly UnpackedArtifact[] }> {
  const { environmentVariablesOverride = [], buildspecOverride, attendance } = options;
  const { unpacked, onArtifact } = unpackArtifacts(account, options.artifactsDirectory);
  if (project.source.type !== "CODEPIPELINE") return { handedOver: undefined, place: () => undefined, unpacked };
  const looksForStore = options.artifactStore !== "none";
  const store = looksForStore ? await findArtifactStore(account, project) : undefined;
  const place: Place = (kind) =>
    store === undefined
      ? undefined
      : { bucket: store, key: `${pipelineName}/${kind}/${source.revision.slice(0, 7)}.zip` };
  const sourcePlace = place("SourceArti");
  if (sourcePlace !== undefined) {
    const { bucket: Bucket, key: Key } = sourcePlace;
    await account.api.call("s3", "PutObject", { Bucket, Key, Body: source.zip }, account.root);
  } else if (looksForStore) {
    options.observer.onNote(
      "no bucket of the templates that the build's role may read and write: the artifacts stay in this process, where AWS would ask for s3:GetObject and s3:PutObject",
    );
  }
  const handedOver: PipelineRequest = {
    ...{ projectName: project.name, environmentVariablesOverride, ...attendance, onArtifact },
    ...(buildspecOverride === undefined ? {} : { buildspecOverride }),
    source: sourcePlace ?? { zip: source.zip },
    resolvedSourceVersion: source.revision,
    ...(sourcePlace !== undefined && { sourceVersion: `arn:aws:s3:::${sourcePlace.bucket}/${sourcePlace.key}` }),
    initiator: `codepipeline/${pipelineName}`,
  };
  return { handedOver, place, unpacked };
}

/** What StartBuild is given where no pipeline hands the source over. */
function withoutPipeline(project: ProjectRecord, source: SourceArtifact, options: StandInOptions) {
  const { environmentVariablesOverride = [], buildspecOverride: buildspec, attendance } = options;
  const planned: ProjectRecord = {
    ...project,
    source: { ...project.source, ...(buildspec === undefined ? {} : { buildspec }) },
    environment: withVariables(project.environment, environmentVariablesOverride),
  };
  const changes = {
    ...{ initiator: "root", resolvedSourceVersion: source.revision },
    debugSessionEnabled: attendance?.debugSessionEnabled ?? false,
  };
  const input: BuildInput = {
    ...{ attendant: attendance?.attendant, lastPhase: attendance?.lastPhase },
    // A repository is checked out of the directory itself, with its history.
    ...(isGitSource(project.source.type) ? {} : { sourceZip: source.zip }),
  };
  return { planned, changes, input };
}

/** What CodeBuild refuses of a project is its author's to mend. */
function orRefused<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new UsageError("CONFIG_PROJECT", error.message, { cause: error });
  }
}

/** A project with an autoRetryLimit builds again by itself: what counts is the last build. */
async function lastRetry({ codeBuild }: Account, build: BuildRecord): Promise<BuildRecord> {
  let last = build;
  for (let next = last.autoRetry?.next; next !== undefined; next = last.autoRetry?.next) {
    last = await codeBuild.ended(next.replace(/^arn:.*:build\//, ""));
  }
  return last;
}

/** The first bucket that the role may read and write; asked of IAM's simulation, which leaves no trace in the decisions. */
async function findArtifactStore({ api, root }: Account, project: ProjectRecord): Promise<string | undefined> {
  const { Buckets = [] } = await api.call<ListBucketsCommandOutput>("s3", "ListBuckets", {}, root);
  for (const { Name } of Buckets) {
    const { EvaluationResults = [] } = await api.call<SimulatePrincipalPolicyCommandOutput>(
      "iam",
      "SimulatePrincipalPolicy",
      {
        PolicySourceArn: project.serviceRole,
        ActionNames: ["s3:GetObject", "s3:PutObject"],
        ResourceArns: [`arn:aws:s3:::${Name}/${pipelineName}/x`],
      },
      root,
    );
    if (EvaluationResults.every(({ EvalDecision }) => EvalDecision === "allowed")) return Name;
  }
  return undefined;
}
