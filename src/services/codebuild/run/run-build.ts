import {
  type BuildPhase,
  type BuildRecord,
  type BuildStatus,
  finishPhase,
  type PhaseContext,
  type PhaseType,
  startPhase,
} from "../build.ts";
import { type BuildCollaborators, type BuildLogSink, EnvironmentError } from "../collaborators.ts";
import { openBuildLog } from "../log/build-log.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { downloadSource } from "../source/download-source.ts";
import { BuildEnd, type BuildInput, type BuildRun } from "./build-run.ts";
import { PhaseFailure } from "./phase-failure.ts";
import { phaseMachine } from "./phase-machine.ts";
import { closeLogSink, openLogSink, provision } from "./provision.ts";
import { runCommandPhase } from "./run-command-phase.ts";

export interface RunBuildOptions {
  build: BuildRecord;
  region: string;
  collaborators: BuildCollaborators;
  input: BuildInput;
  reports: ReportStore;
  signal: AbortSignal;
  /** Resolves when the build may leave the queue; undefined where it need not wait. */
  queued: Promise<void> | undefined;
  save(build: BuildRecord): void;
}

/**
 * Runs a build through its phases: SUBMITTED, QUEUED, PROVISIONING, DOWNLOAD_SOURCE, the four command phases,
 * UPLOAD_ARTIFACTS, FINALIZING, COMPLETED. Resolves when it has ended, whatever way; rejects only for a defect.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export async function runBuild(options: RunBuildOptions): Promise<BuildRecord> {
  const { build, collaborators } = options;
  const pending: { text: string; time: Date }[] = [];
  let sink: BuildLogSink | undefined;
  const write = (text: string) => {
    const time = collaborators.now();
    collaborators.observer.onLog(build, text);
    if (sink === undefined) pending.push({ text, time });
    else sink.write(text, time);
  };
  const run: BuildRun = { ...options, log: openBuildLog({ now: collaborators.now, write }), succeeding: true };
  collaborators.observer.onBuildStart(build);
  try {
    instantPhase(run, "SUBMITTED");
    const { queued } = options;
    if (queued === undefined) instantPhase(run, "QUEUED");
    else await runPhase(run, "QUEUED", () => queued);
    const isProvisioned = await runPhase(run, "PROVISIONING", async () => {
      await provision(run);
      sink = await openLogSink(run);
      for (const { text, time } of pending.splice(0)) sink?.write(text, time);
    });
    await phaseMachine(isProvisioned, (phaseType, work) => runPhase(run, phaseType, work), {
      downloadSource: () => downloadSource(run),
      command: (phaseType) => runCommandPhase(run, phaseType),
      uploadArtifacts: async () => (await import("./upload-results.ts")).uploadResults(run),
      onFailure: (name) => run.buildspec?.phases[name]?.onFailure,
      lastPhase: run.input.lastPhase,
    });
  } finally {
    await finalize(run, sink);
  }
  return build;
}

function instantPhase(run: BuildRun, phaseType: PhaseType): void {
  const { build, collaborators } = run;
  const time = collaborators.now().getTime();
  const phase = startPhase(build, phaseType, time);
  finishPhase(phase, "SUCCEEDED", time);
  run.save(build);
  collaborators.observer.onPhase(build, phase);
}

/** Runs one phase; true where it succeeded. What ends a phase is its context, and the log says so. */
async function runPhase(run: BuildRun, phaseType: PhaseType, work: () => Promise<void>): Promise<boolean> {
  const { build, collaborators, log } = run;
  // Only the phase that a build was in says that it was ended from outside.
  if (build.phases.some(({ phaseStatus }) => phaseStatus === "STOPPED" || phaseStatus === "TIMED_OUT")) return false;
  const phase = startPhase(build, phaseType, collaborators.now().getTime());
  run.save(build);
  collaborators.observer.onPhase(build, phase);
  const end = await (run.signal.aborted ? Promise.resolve() : work()).then(
    () => (run.signal.aborted ? endOf(run, run.signal.reason) : { status: "SUCCEEDED" as const }),
    (error: unknown) => endOf(run, error),
  );
  finishPhase(phase, end.status, collaborators.now().getTime(), end.context);
  if (end.status !== "SUCCEEDED") run.succeeding = false;
  if (run.environment !== undefined && phaseType !== "PROVISIONING") {
    log.line(`Phase complete: ${phaseType} State: ${end.status}`);
    const { statusCode, message } = end.context ?? { statusCode: "", message: "" };
    log.line(`Phase context status code: ${statusCode} Message: ${message}`);
  }
  run.save(build);
  collaborators.observer.onPhase(build, phase);
  if (end.defect !== undefined) throw end.defect;
  return end.status === "SUCCEEDED";
}

interface PhaseEnd {
  status: BuildStatus;
  context?: PhaseContext;
  /** Anything that is neither the build's failure nor its end from outside. */
  defect?: unknown;
}

function endOf(run: BuildRun, error: unknown): PhaseEnd {
  const reason: unknown = run.signal.aborted ? run.signal.reason : error;
  if (reason instanceof BuildEnd) {
    if (reason.status === "STOPPED") return { status: "STOPPED" };
    return { status: "TIMED_OUT", context: { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out." } };
  }
  if (error instanceof PhaseFailure || error instanceof EnvironmentError) {
    const statusCode = error instanceof PhaseFailure ? error.statusCode : error.code;
    return { status: "FAILED", context: { statusCode, message: run.log.masked(error.message) } };
  }
  const context = { statusCode: "INTERNAL_SERVICE_ERROR", message: "Chubo met a defect of its own." };
  return { status: "FAULT", context, defect: error };
}

/** Ends what the build left behind; then it is COMPLETED, whatever went wrong on the way. */
async function finalize(run: BuildRun, sink: BuildLogSink | undefined): Promise<void> {
  const { build, collaborators } = run;
  const phase = startPhase(build, "FINALIZING", collaborators.now().getTime());
  run.save(build);
  collaborators.observer.onPhase(build, phase);
  try {
    try {
      await run.environment?.close();
    } finally {
      await releaseLocalCache(run);
    }
    if (run.credential !== undefined) collaborators.roles.revoke(run.credential.accessKeyId);
    await closeLogSink(run, sink);
    finishPhase(phase, "SUCCEEDED", collaborators.now().getTime());
  } catch (error) {
    const context = { statusCode: "INTERNAL_SERVICE_ERROR", message: "The environment could not be removed." };
    finishPhase(phase, "FAULT", collaborators.now().getTime(), context);
    throw error;
  } finally {
    collaborators.observer.onPhase(build, phase);
    complete(run, build.phases);
  }
}

async function releaseLocalCache({ localCache, build, collaborators }: BuildRun): Promise<void> {
  const isRemoved = (await localCache?.release()) ?? false;
  if (isRemoved) collaborators.observer.onNote(build, "the project's local cache had grown too large, and was removed");
}

function complete({ build, collaborators, save }: BuildRun, phases: readonly BuildPhase[]): void {
  build.status = statusOf(phases);
  build.endTime = collaborators.now().getTime();
  const completed = startPhase(build, "COMPLETED", build.endTime);
  save(build);
  collaborators.observer.onPhase(build, completed);
}

/** A timeout is FAILED as a whole: only the phase says TIMED_OUT (measured on AWS in August 2026). */
function statusOf(phases: readonly BuildPhase[]): BuildStatus {
  const statuses = new Set(phases.map(({ phaseStatus }) => phaseStatus));
  if (statuses.has("FAULT")) return "FAULT";
  if (statuses.has("STOPPED")) return "STOPPED";
  return statuses.has("FAILED") || statuses.has("TIMED_OUT") ? "FAILED" : "SUCCEEDED";
}
