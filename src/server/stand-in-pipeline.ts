import type { SimulatePrincipalPolicyCommandOutput } from "@aws-sdk/client-iam";
import type { ListBucketsCommandOutput } from "@aws-sdk/client-s3";
import type { BuildRecord } from "../services/codebuild/build.ts";
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

/** The project to run: the one that was asked for, or the only one. */
export function chooseProject(projects: readonly ProjectRecord[], asked: string | undefined): ProjectRecord {
  const names = projects.map(({ name }) => name).join(", ");
  if (asked !== undefined) {
    const project = projects.find(({ name }) => name === asked);
    if (project !== undefined) return project;
    throw new UsageError("CONFIG_PROJECT", `there is no CodeBuild project ${asked}`, {
      hint: `the templates have ${names || "none"}`,
    });
  }
  const [only, second] = projects;
  if (only === undefined) {
    throw new UsageError("CONFIG_PROJECT", "the templates hold no CodeBuild project", {
      hint: "chubo run runs an AWS::CodeBuild::Project",
    });
  }
  if (second === undefined) return only;
  throw new UsageError("CONFIG_PROJECT", "the templates hold several CodeBuild projects", {
    hint: `choose one with --project: ${names}`,
  });
}

/**
 * Stands in for CodePipeline: puts the source into an artifact store, runs the build on it and takes its artifact. The
 * store is the first bucket that the build's role may read and write; without one, source and artifact change hands
 * inside this process, which asks the role for nothing, and the observer is told so.
 */
export async function runStandInPipeline(
  account: Account,
  project: ProjectRecord,
  source: SourceArtifact,
  options: StandInOptions,
): Promise<StandInBuild> {
  const { environmentVariablesOverride = [], buildspecOverride, attendance } = options;
  const overrides = {
    environmentVariablesOverride,
    ...(buildspecOverride === undefined ? {} : { buildspecOverride }),
  };
  const { unpacked, onArtifact } = unpackArtifacts(account, options.artifactsDirectory);
  const takesSource = project.source.type === "CODEPIPELINE";
  const looksForStore = takesSource && options.artifactStore !== "none";
  const store = looksForStore ? await findArtifactStore(account, project) : undefined;
  const key = (kind: string) => `${pipelineName}/${kind}/${source.revision.slice(0, 7)}.zip`;
  if (store !== undefined) {
    await account.api.call(
      "s3",
      "PutObject",
      { Bucket: store, Key: key("SourceArti"), Body: source.zip },
      account.root,
    );
  } else if (looksForStore) {
    options.observer.onNote(
      "no bucket of the templates that the build's role may read and write: the artifacts stay in this process, where AWS would ask for s3:GetObject and s3:PutObject",
    );
  }
  const started = takesSource
    ? account.codeBuild.startPipelineBuild({
        projectName: project.name,
        ...overrides,
        ...attendance,
        source: store === undefined ? { zip: source.zip } : { bucket: store, key: key("SourceArti") },
        resolvedSourceVersion: source.revision,
        ...(store === undefined ? {} : { sourceVersion: `arn:aws:s3:::${store}/${key("SourceArti")}` }),
        // No template declares them: they are what the buildspec makes.
        outputs: [
          {
            name: primaryArtifactName,
            ...(store === undefined ? {} : { location: { bucket: store, key: key("BuildArtif") } }),
          },
        ],
        outputLocationOf: (name) => (store === undefined ? undefined : `${store}/${key(name)}`),
        initiator: `codepipeline/${pipelineName}`,
        onArtifact,
      })
    : account.codeBuild.start(
        overridden(project, overrides),
        {
          ...{ initiator: "root", resolvedSourceVersion: source.revision },
          debugSessionEnabled: attendance?.debugSessionEnabled ?? false,
        },
        {
          ...{ attendant: attendance?.attendant, lastPhase: attendance?.lastPhase },
          // A repository is checked out of the directory itself, with its history.
          ...(isGitSource(project.source.type) ? {} : { sourceZip: source.zip }),
        },
      );
  const build = await lastRetry(account, await account.codeBuild.ended(started.id));
  return { build, artifacts: [...unpacked] };
}

function overridden(
  project: ProjectRecord,
  {
    environmentVariablesOverride,
    buildspecOverride: buildspec,
  }: Pick<StandInOptions, "buildspecOverride"> & {
    environmentVariablesOverride: readonly VariableRecord[];
  },
): ProjectRecord {
  return {
    ...project,
    source: { ...project.source, ...(buildspec === undefined ? {} : { buildspec }) },
    environment: withVariables(project.environment, environmentVariablesOverride),
  };
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
