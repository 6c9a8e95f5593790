import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Credential, Principal } from "../../../aws-api/service.ts";
import type { BuildRecord, BuildStatus, PhaseContext } from "../build.ts";
import type { BuildCollaborators } from "../collaborators.ts";
import type { ProjectRecord } from "../project.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { BuildEnd, type BuildInput } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { type BatchPhaseType, type BatchRecord, completeBatch, finishBatchPhase, startBatchPhase } from "./batch.ts";
import { buildGroups } from "./build-groups.ts";
import { readBatchspec } from "./read-batchspec.ts";

/** How a batch has builds made; the account's CodeBuild. */
export interface BuildMaker {
  start(project: ProjectRecord, changes: Partial<BuildRecord>, input: BuildInput): BuildRecord;
  ended(buildId: string): Promise<BuildRecord>;
  stop(buildId: string): void;
}

export interface BatchRun {
  batch: BatchRecord;
  region: string;
  collaborators: BuildCollaborators;
  builds: BuildMaker;
  reports: ReportStore;
  input: BuildInput;
  /** By task, of a combined artifact that has no place in S3. */
  archives: Map<string, Buffer>;
  /** Aborted with reason `BuildEnd` by StopBuildBatch, the timeout or the server's end. */
  signal: AbortSignal;
  /** Called after every change of the record. */
  save(batch: BatchRecord): void;
}

/**
 * Runs a batch through its phases: SUBMITTED, DOWNLOAD_BATCHSPEC, IN_PROGRESS, COMBINE_ARTIFACTS where the project wants
 * it, and the one that says how it ended. A batch that is retried goes on from what is known of it. Rejects only for a defect.
 */
export async function runBatch(run: BatchRun): Promise<BatchRecord> {
  const { batch, collaborators, save } = run;
  if (batch.phases.length === 0) await runPhase(run, "SUBMITTED", async () => undefined);
  const isRead = batch.groups.length > 0 || (await runPhase(run, "DOWNLOAD_BATCHSPEC", () => downloadBatchspec(run)));
  const isBuilt = isRead && (await runPhase(run, "IN_PROGRESS", () => buildAll(run)));
  if (isBuilt && batch.config.combineArtifacts === true && batch.project.artifacts.type !== "NO_ARTIFACTS") {
    await runPhase(run, "COMBINE_ARTIFACTS", () =>
      asRole(run, batch.project.serviceRole, (role) => combine(run, role)),
    );
  }
  completeBatch(batch, statusOf(batch), collaborators.now().getTime());
  save(batch);
  return batch;
}

async function downloadBatchspec(run: BatchRun): Promise<void> {
  const { batch } = run;
  const spec = await asRole(run, batch.project.serviceRole, (credential) => readBatchspec(run, credential));
  batch.groups = spec.builds.map((planned) => ({ planned, prior: [] }));
  batch.fastFail = spec.fastFail;
  if (spec.resolvedSourceVersion !== undefined) batch.resolvedSourceVersion = spec.resolvedSourceVersion;
}

/** A batch's builds are started in the name of a role of their own. https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html */
function buildAll(run: BatchRun): Promise<void> {
  const role = run.batch.config.serviceRole ?? "";
  return asRole(run, role, ({ principal }) => buildGroups(run, (operation) => authorize(run, operation, principal)));
}

function authorize({ batch, collaborators }: BatchRun, operation: string, principal: Principal): void {
  try {
    collaborators.authorize(`codebuild:${operation}`, batch.project.arn, principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new PhaseFailure("ACCESS_DENIED", error.message, { cause: error });
  }
}

async function combine(run: BatchRun, { principal }: Credential): Promise<void> {
  const { combineArtifacts } = await import("./combine-artifacts.ts");
  await combineArtifacts(run, principal);
}

async function asRole<T>(run: BatchRun, role: string, work: (credential: Credential) => Promise<T>): Promise<T> {
  const { roles } = run.collaborators;
  let credential: Credential;
  try {
    credential = roles.assume(role, `AWSCodeBuild-${run.batch.id.split(":").at(-1)}`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = `CodeBuild is not authorized to perform: sts:AssumeRole on ${role}`;
    throw new PhaseFailure("ACCESS_DENIED", message, { cause: error });
  }
  try {
    return await work(credential);
  } finally {
    roles.revoke(credential.accessKeyId);
  }
}

/** True where the phase succeeded. */
async function runPhase(run: BatchRun, phaseType: BatchPhaseType, work: () => Promise<void>): Promise<boolean> {
  const { batch, collaborators, signal, save } = run;
  const phase = startBatchPhase(batch, phaseType, collaborators.now().getTime());
  save(batch);
  let end: { status: BuildStatus; context?: PhaseContext; defect?: unknown };
  try {
    if (!signal.aborted) await work();
    end = signal.aborted ? endOf(signal.reason) : { status: "SUCCEEDED" };
  } catch (error) {
    end = endOf(signal.aborted ? signal.reason : error);
  }
  finishBatchPhase(phase, end.status, collaborators.now().getTime(), end.context);
  save(batch);
  if (end.defect !== undefined) {
    completeBatch(batch, "FAULT", collaborators.now().getTime());
    save(batch);
    throw end.defect;
  }
  return end.status === "SUCCEEDED";
}

function endOf(error: unknown): { status: BuildStatus; context?: PhaseContext; defect?: unknown } {
  if (error instanceof BuildEnd) {
    if (error.status === "STOPPED") return { status: "STOPPED" };
    return { status: "TIMED_OUT", context: { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out." } };
  }
  if (error instanceof PhaseFailure) {
    return { status: "FAILED", context: { statusCode: error.statusCode, message: error.message } };
  }
  const context = { statusCode: "INTERNAL_SERVICE_ERROR", message: "Chubo met a defect of its own." };
  return { status: "FAULT", context, defect: error };
}

/** Whether a batch that ran out of time says TIMED_OUT or, as a single build does, FAILED, is not known. */
function statusOf({ phases }: BatchRecord): BuildStatus {
  const bad = phases.map(({ phaseStatus = "SUCCEEDED" }) => phaseStatus).find((status) => status !== "SUCCEEDED");
  return bad ?? "SUCCEEDED";
}
