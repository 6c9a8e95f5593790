import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Credential } from "../../../aws-api/service.ts";
import { type BatchBlock, BuildspecError } from "../../../buildspec/buildspec.ts";
import type { BuildRecord } from "../build.ts";
import type { BuildEnvironment } from "../environment/environment.ts";
import { openBuildLog } from "../log/build-log.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { fetchBuildspec, placeSources } from "../source/place-sources.ts";
import { readBuildspec } from "../source/read-buildspec.ts";
import type { BatchRecord } from "./batch.ts";
import { mostBatchBuilds, type PlannedBuild, planBatch } from "./plan-batch.ts";
import type { BatchRun } from "./run-batch.ts";

export interface Batchspec {
  builds: PlannedBuild[];
  fastFail: boolean;
  /** The commit that all builds are to build. */
  resolvedSourceVersion: string | undefined;
}

/** DOWNLOAD_BATCHSPEC: the source, in a directory that goes again, and the batch of its buildspec. Throws PhaseFailure. */
export async function readBatchspec(run: BatchRun, credential: Credential): Promise<Batchspec> {
  const parent = run.collaborators.sources.temporaryDirectory;
  const directory = await mkdtemp(join(parent, "chubo-batchspec-"));
  try {
    const reading = readingRun(run, credential, directory);
    await placeSources(reading);
    const { batch } = await readBuildspec(reading, (location) => fetchBuildspec(reading, location));
    if (batch === undefined) throw new PhaseFailure("YAML_FILE_ERROR", "the buildspec has no batch");
    const builds = planned(batch);
    checkRestrictions(run.batch, builds);
    const { resolvedSourceVersion } = reading.build;
    return { builds, fastFail: batch.fastFail, resolvedSourceVersion };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The code is the one of a faulty buildspec; AWS's sentences are not known. */
function planned(batch: BatchBlock): PlannedBuild[] {
  try {
    return planBatch(batch);
  } catch (error) {
    if (!(error instanceof BuildspecError)) throw error;
    const place = error.line === undefined ? "" : ` at line ${error.line}`;
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    throw new PhaseFailure("YAML_FILE_ERROR", `${error.message}${place}${hint}`, { cause: error });
  }
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchRestrictions.html */
function checkRestrictions({ config, environment }: BatchRecord, builds: readonly PlannedBuild[]): void {
  const { maximumBuildsAllowed = mostBatchBuilds, ...allowed } = config.restrictions ?? {};
  if (builds.length > maximumBuildsAllowed) {
    const message = `the batch has ${builds.length} builds, and ${maximumBuildsAllowed} are allowed (restrictions.maximumBuildsAllowed)`;
    throw new PhaseFailure("CLIENT_ERROR", message);
  }
  for (const { identifier, environment: own } of builds) {
    // A build in a fleet has the fleet's compute type, and another one no fleet.
    const fleet = own.computeType === undefined ? (own.fleet ?? fleetOf(environment)) : undefined;
    const computeType = own.computeType ?? environment.computeType;
    if (fleet === undefined) checkAllowed(identifier, "computeTypesAllowed", computeType, allowed.computeTypesAllowed);
    else checkAllowed(identifier, "fleetsAllowed", fleet, allowed.fleetsAllowed);
  }
}

function fleetOf({ fleet }: BatchRecord["environment"]): string | undefined {
  return (fleet as { fleetArn?: string } | undefined)?.fleetArn;
}

function checkAllowed(identifier: string, restriction: string, asked: string, allowed: readonly string[] = []): void {
  if (allowed.length === 0 || allowed.includes(asked)) return;
  const message = `${identifier} asks for ${asked}, and ${allowed.join(", ")} are allowed (restrictions.${restriction})`;
  throw new PhaseFailure("CLIENT_ERROR", message);
}

const runsNothing = () => Promise.reject(new Error("nothing runs while a batch is read"));

/** Sources and buildspecs are read for a build; this is one that only reads, and has no log. */
function readingRun(
  { batch, region, collaborators, reports, signal, input }: BatchRun,
  credential: Credential,
  root: string,
): BuildRun {
  const sourceDirectory = join(root, "output", "src000000000", "src");
  const temporaryDirectory = join(root, "output", "tmp");
  const directories = { sourceDirectory, temporaryDirectory };
  const environment: BuildEnvironment = {
    description: "reads the batch",
    ...directories,
    local: directories,
    variables: {},
    run: runsNothing,
    attach: runsNothing,
    admitUser: runsNothing,
    readImageFile: async () => undefined,
    close: async () => undefined,
  };
  const log = openBuildLog({ now: collaborators.now, write: () => undefined });
  return {
    ...{ region, collaborators, reports, signal, input, credential, environment, log },
    build: readingBuild(batch),
    save: () => undefined,
    succeeding: true,
  };
}

function readingBuild({ project, environment, ...batch }: BatchRecord): BuildRecord {
  const { source, artifacts, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes } = project;
  const { id, arn, number, projectName, status, startTime, initiator, sourceVersion } = batch;
  return {
    ...{ id, arn, number, projectName, status, startTime, initiator, environment },
    ...{ source, artifacts, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes },
    ...(sourceVersion === undefined ? {} : { sourceVersion }),
    phases: [],
    logs: { groupName: "", streamName: "", isEnabled: false },
    settingsWithoutEffect: [],
    exportedVariables: [],
    artifactResults: [],
  };
}
