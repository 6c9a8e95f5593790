import { AwsError } from "../../aws-api/aws-error.ts";
import type { Credential } from "../../aws-api/service.ts";
import type { Buildspec } from "../../buildspec/buildspec.ts";
import {
  type BuildPhase,
  type BuildRecord,
  type BuildStatus,
  finishPhase,
  type PhaseType,
  startPhase,
} from "./build.ts";
import { type BuildLog, openBuildLog } from "./build-log.ts";
import { type BuildCollaborators, EnvironmentError } from "./collaborators.ts";
import { downloadSource } from "./download-source.ts";
import type { BuildEnvironment } from "./environment.ts";
import { PhaseFailure } from "./phase-failure.ts";
import { phaseMachine } from "./phase-machine.ts";
import { runCommandPhase } from "./run-command-phase.ts";
import type { ShellSession } from "./shell-command.ts";
import { uploadArtifacts } from "./upload-artifacts.ts";

/** A build under way: its record and everything that its phases share. */
export interface BuildRun {
  build: BuildRecord;
  region: string;
  collaborators: BuildCollaborators;
  log: BuildLog;
  signal: AbortSignal;
  input: BuildInput;
  credential?: Credential;
  environment?: BuildEnvironment;
  buildspec?: Buildspec;
  shell?: ShellSession;
  /** The commands' whole environment, after DOWNLOAD_SOURCE. */
  variables?: Record<string, string>;
  succeeding: boolean;
}

/** What the starter of a build hands in beside the record. */
export interface BuildInput {
  /** Source archive in hand; else it is fetched from S3 as the role. */
  sourceZip?: Buffer;
  /** Takes the artifact's archive; else it goes to S3 as the role. */
  onArtifact?(archive: Buffer, files: string[]): void;
}

export interface RunBuildOptions {
  build: BuildRecord;
  region: string;
  collaborators: BuildCollaborators;
  input: BuildInput;
  /** Aborted with reason `BuildEnd` by StopBuild, the timeout or the server's end. */
  signal: AbortSignal;
  /** Called after every change of the record. */
  save(build: BuildRecord): void;
}

/** Why a build was ended from outside. */
export class BuildEnd extends Error {
  override readonly name = "BuildEnd";
  readonly status: "TIMED_OUT" | "STOPPED";

  constructor(status: "TIMED_OUT" | "STOPPED") {
    super(status);
    this.status = status;
  }
}

/**
 * Runs a build through its phases: SUBMITTED, QUEUED, PROVISIONING, DOWNLOAD_SOURCE, the four command phases,
 * UPLOAD_ARTIFACTS, FINALIZING, COMPLETED. Resolves when it has ended, whatever way; rejects only for a defect.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export async function runBuild(options: RunBuildOptions): Promise<BuildRecord> {
  const { build, collaborators } = options;
  const pending: { text: string; time: Date }[] = [];
  let sink: { write(text: string, time: Date): void; close(): Promise<void> } | undefined;
  const log = openBuildLog({
    now: collaborators.now,
    write: (text) => {
      collaborators.observer.onLog(build, text);
      if (sink === undefined) pending.push({ text, time: collaborators.now() });
      else sink.write(text, collaborators.now());
    },
  });
  const run: BuildRun = { ...options, log, succeeding: true };
  collaborators.observer.onBuildStart(build);
  try {
    instantPhase(run, options, "SUBMITTED");
    instantPhase(run, options, "QUEUED");
    await runPhase(run, options, "PROVISIONING", async () => {
      await provision(run);
      sink = await openLogSink(run);
      for (const { text, time } of pending.splice(0)) sink?.write(text, time);
    });
    await phaseMachine(run.succeeding, (phaseType, work) => runPhase(run, options, phaseType, work), {
      downloadSource: () => downloadSource(run),
      command: (phaseType) => runCommandPhase(run, phaseType),
      uploadArtifacts: () => uploadArtifacts(run),
      onFailure: (name) => run.buildspec?.phases[name]?.onFailure,
    });
  } finally {
    await finalize(run, options);
    await sink?.close();
  }
  return build;
}

function instantPhase(run: BuildRun, options: RunBuildOptions, phaseType: PhaseType): void {
  const time = run.collaborators.now().getTime();
  finishPhase(startPhase(run.build, phaseType, time), "SUCCEEDED", time);
  options.save(run.build);
}

/** Runs one phase; true where it succeeded. What ends a phase is its context, and the log says so. */
async function runPhase(
  run: BuildRun,
  options: RunBuildOptions,
  phaseType: PhaseType,
  work: () => Promise<void>,
): Promise<boolean> {
  const { build, collaborators, log } = run;
  const phase = startPhase(build, phaseType, collaborators.now().getTime());
  options.save(build);
  collaborators.observer.onPhase(build, phase);
  try {
    run.signal.throwIfAborted();
    await work();
    run.signal.throwIfAborted();
    endPhase(run, phase, "SUCCEEDED");
  } catch (error) {
    const end = phaseEndOf(run, error);
    run.succeeding = false;
    endPhase(run, phase, end.status, end.context);
    if (end.defect !== undefined) throw end.defect;
  }
  if (phaseType !== "PROVISIONING") logPhaseEnd(log, phase);
  options.save(build);
  collaborators.observer.onPhase(build, phase);
  return phase.phaseStatus === "SUCCEEDED";
}

function endPhase(run: BuildRun, phase: BuildPhase, status: BuildStatus, context?: BuildPhase["contexts"][0]): void {
  finishPhase(phase, status, run.collaborators.now().getTime(), context);
}

function phaseEndOf(run: BuildRun, error: unknown) {
  const reason: unknown = run.signal.aborted ? run.signal.reason : error;
  if (reason instanceof BuildEnd) {
    const timedOut = reason.status === "TIMED_OUT";
    const context = timedOut ? { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out." } : undefined;
    return { status: reason.status, context };
  }
  if (error instanceof PhaseFailure || error instanceof EnvironmentError) {
    const statusCode = error instanceof PhaseFailure ? error.statusCode : error.code;
    return { status: "FAILED" as const, context: { statusCode, message: error.message } };
  }
  const context = { statusCode: "INTERNAL_SERVICE_ERROR", message: "Chubo met a defect of its own." };
  return { status: "FAULT" as const, context, defect: error };
}

function logPhaseEnd(log: BuildLog, phase: BuildPhase): void {
  log.line(`Phase complete: ${phase.phaseType} State: ${phase.phaseStatus}`);
  const { statusCode = "", message = "" } = phase.contexts[0] ?? {};
  log.line(`Phase context status code: ${statusCode} Message: ${message}`);
}

/** Takes the role, then the environment: a role that does not trust CodeBuild fails before anything is made. */
async function provision(run: BuildRun): Promise<void> {
  const { build, collaborators, signal } = run;
  try {
    run.credential = collaborators.roles.assume(build.serviceRole, `AWSCodeBuild-${build.id.split(":").at(-1)}`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new PhaseFailure("ACCESS_DENIED", error.message, { cause: error });
  }
  const { accessKeyId, secretAccessKey, sessionToken = "" } = run.credential;
  run.log.mask([accessKeyId, secretAccessKey, sessionToken]);
  run.environment = await collaborators.openEnvironment({
    buildId: build.id,
    environment: build.environment,
    credential: run.credential,
    signal,
  });
  collaborators.observer.onNote(build, `environment: ${run.environment.description}`);
}

async function openLogSink(run: BuildRun) {
  const { build, collaborators, credential } = run;
  if (credential === undefined) return undefined;
  try {
    return await collaborators.openLog(build.logs.groupName, build.logs.streamName, credential.principal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    collaborators.observer.onNote(build, `the role may not write the build's log: ${error.message}`);
    return undefined;
  }
}

async function finalize(run: BuildRun, options: RunBuildOptions): Promise<void> {
  const { build, collaborators } = run;
  const phase = startPhase(build, "FINALIZING", collaborators.now().getTime());
  await run.environment?.close();
  if (run.credential !== undefined) collaborators.roles.revoke(run.credential.accessKeyId);
  endPhase(run, phase, "SUCCEEDED");
  build.status = statusOf(build);
  build.endTime = collaborators.now().getTime();
  startPhase(build, "COMPLETED", build.endTime);
  options.save(build);
  collaborators.observer.onPhase(build, phase);
}

/** A timeout is FAILED as a whole: only the phase says TIMED_OUT (measured on AWS in August 2026). */
function statusOf(build: BuildRecord): BuildStatus {
  const statuses = new Set(build.phases.map(({ phaseStatus }) => phaseStatus));
  if (statuses.has("FAULT")) return "FAULT";
  if (statuses.has("STOPPED")) return "STOPPED";
  return statuses.has("FAILED") || statuses.has("TIMED_OUT") ? "FAILED" : "SUCCEEDED";
}
