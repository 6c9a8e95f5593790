import type { RetryBuildBatchType } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Collection } from "../../../store/store.ts";
import type { BuildCollaborators } from "../collaborators.ts";
import { invalid } from "../operations/project-input.ts";
import type { ProjectRecord } from "../project.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { checkBuildable } from "../run/build-plan.ts";
import { BuildEnd, type BuildInput } from "../run/build-run.ts";
import { abandonBatch, type BatchRecord } from "./batch.ts";
import type { BuildMaker } from "./run-batch.ts";

/** The batches of an account: which run, and how they are started and ended. */
export interface Batches {
  /** Throws InvalidInputException for what a build of this project needs and Chubo lacks, and where it has no role for batches. */
  start(project: ProjectRecord, changes: Partial<BatchRecord>, input: BuildInput): BatchRecord;
  /** The same batch goes on: its failed builds, or all, are built once more. */
  retry(batch: BatchRecord, type: RetryBuildBatchType): BatchRecord;
  /** Resolves with the record when the batch has ended; at once where it has. */
  ended(batchId: string): Promise<BatchRecord>;
  /** Does nothing to a batch that has ended. */
  stop(batchId: string): void;
  /** Stops all batches and waits for them. */
  shutdown(): Promise<void>;
}

export interface BatchesOptions {
  records: Collection<BatchRecord>;
  projects: Collection<ProjectRecord>;
  reports: ReportStore;
  builds: BuildMaker;
  region: string;
  account: string;
  collaborators: BuildCollaborators;
  onDefect(error: unknown): void;
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectBuildBatchConfig.html; the default is a guess. */
const defaultTimeout = 480;

/** Batches that a process left IN_PROGRESS when it crashed are FAULT from here on. */
export function openBatches(options: BatchesOptions): Batches {
  const { records, collaborators } = options;
  const running = new Map<string, { end: AbortController; outcome: Promise<BatchRecord> }>();
  for (const batch of records.list().filter(({ status }) => status === "IN_PROGRESS")) {
    abandonBatch(batch, collaborators.now().getTime());
    records.put(batch.id, batch);
  }
  const go = (batch: BatchRecord, input: BuildInput): BatchRecord => {
    records.put(batch.id, batch);
    const end = new AbortController();
    const outcome = launch(options, batch, input, end).finally(() => running.delete(batch.id));
    running.set(batch.id, { end, outcome });
    return structuredClone(batch);
  };
  return {
    start(project, changes, input) {
      if ((project.settings.buildBatchConfig?.serviceRole ?? "") === "") {
        // AWS asks for the role as well; its words are not known.
        throw invalid("Cannot start batch build: the project has no buildBatchConfig with a serviceRole");
      }
      checkBuildable(project, collaborators.sources);
      return go(newBatch(options, project, changes), input);
    },
    retry(batch, type) {
      prepareRetry(batch, type);
      return go(batch, {});
    },
    async ended(batchId) {
      const batch = (await running.get(batchId)?.outcome) ?? records.get(batchId);
      if (batch === undefined)
        throw new AwsError("ResourceNotFoundException", `Build batch does not exist: ${batchId}`);
      return batch;
    },
    stop: (batchId) => running.get(batchId)?.end.abort(new BuildEnd("STOPPED")),
    async shutdown() {
      const all = [...running.values()];
      for (const { end } of all) end.abort(new BuildEnd("STOPPED"));
      await Promise.all(all.map(({ outcome }) => outcome));
    },
  };
}

async function launch(
  { builds, region, collaborators, records, reports, onDefect }: BatchesOptions,
  batch: BatchRecord,
  input: BuildInput,
  end: AbortController,
): Promise<BatchRecord> {
  const minutes = batch.config.timeoutInMins ?? defaultTimeout;
  const timer = setTimeout(() => end.abort(new BuildEnd("TIMED_OUT")), minutes * 60_000);
  const save = (changed: BatchRecord) => {
    records.put(changed.id, changed);
    collaborators.observer.onBatchChange?.(changed);
  };
  try {
    const { runBatch } = await import("./run-batch.ts");
    return await runBatch({
      batch,
      region,
      collaborators,
      builds,
      reports,
      input,
      archives: new Map(),
      signal: end.signal,
      save,
    });
  } catch (error) {
    onDefect(error);
    return batch;
  } finally {
    clearTimeout(timer);
  }
}

function newBatch(options: BatchesOptions, given: ProjectRecord, changes: Partial<BatchRecord>): BatchRecord {
  const { region, account, collaborators, projects } = options;
  const { environment, ...project } = given;
  const id = `${project.name}:${collaborators.newUuid()}`;
  const stored = projects.get(project.name);
  const number = (stored?.batches ?? 0) + 1;
  if (stored !== undefined) projects.put(project.name, { ...stored, batches: number });
  return {
    ...{ id, number, project, environment },
    arn: `arn:aws:codebuild:${region}:${account}:build-batch/${id}`,
    projectName: project.name,
    status: "IN_PROGRESS",
    phases: [],
    startTime: collaborators.now().getTime(),
    initiator: "root",
    ...(project.sourceVersion === undefined ? {} : { sourceVersion: project.sourceVersion }),
    config: project.settings.buildBatchConfig ?? {},
    fastFail: false,
    groups: [],
    ...changes,
  };
}

/** The phases from IN_PROGRESS on are run anew; a batch whose plan was never read begins again. */
function prepareRetry(batch: BatchRecord, type: RetryBuildBatchType): void {
  const isRead = batch.groups.length > 0;
  batch.status = "IN_PROGRESS";
  delete batch.endTime;
  delete batch.artifactLocation;
  batch.phases = batch.phases.filter(
    ({ phaseType }) => phaseType === "SUBMITTED" || (isRead && phaseType === "DOWNLOAD_BATCHSPEC"),
  );
  for (const group of batch.groups) {
    const { current } = group;
    if (current === undefined || (type === "RETRY_FAILED_BUILDS" && current.status === "SUCCEEDED")) continue;
    group.prior.push(current);
    delete group.current;
  }
}
