import type { Credential, Principal } from "../../aws-api/service.ts";
import type { BatchRecord } from "./batch/batch.ts";
import type { BuildPhase, BuildRecord, PhaseType } from "./build.ts";
import type { LocalCacheDirectories } from "./cache/local-cache-place.ts";
import type { LocalCaches } from "./cache/local-caches.ts";
import type { BuildEnvironment, Terminal } from "./environment/environment.ts";
import type { FileSystemRecord } from "./file-systems.ts";
import type { ProjectEnvironmentRecord, SourceRecord } from "./project.ts";

/** What a build needs of others; `server/` plugs it in. */
export interface BuildCollaborators {
  roles: {
    /** Temporary credentials of the project's service role. Throws AwsError AccessDenied where the role refuses. */
    assume(roleArn: string, sessionName: string): Credential;
    revoke(accessKeyId: string): void;
  };
  /** An AWS operation, authorised as the build's role. Throws AwsError. */
  call<Output>(service: string, operation: string, input: object, principal: Principal): Promise<Output>;
  /** Throws AwsError AccessDenied where the role may not write logs; the build goes on without them, as on AWS. */
  openLog(group: string, stream: string, principal: Principal): Promise<BuildLogSink>;
  /** Throws EnvironmentError where the environment cannot be had: PROVISIONING fails with its code. */
  openEnvironment(request: EnvironmentRequest): Promise<BuildEnvironment>;
  localCaches: LocalCaches;
  /** Throws AwsError AccessDeniedException where the role may not; for what CodeBuild and its agent do in a role's name. */
  authorize(action: string, resource: string, principal: Principal): void;
  sources: SourceDirectories;
  observer: BuildObserver;
  now(): Date;
  random(): number;
  newUuid(): string;
}

/** The directories of this machine that stand in for repositories. */
export interface SourceDirectories {
  /** The directory that the person has given for a repository. */
  findDirectory(source: SourceRecord): string | undefined;
  /** PATH, to find git in. */
  path: string;
  /** Parent of directories that sources are looked at in before there is an environment. */
  temporaryDirectory: string;
}

export interface EnvironmentRequest {
  buildId: string;
  environment: ProjectEnvironmentRecord;
  /** For a credential endpoint that the environment may offer (AWS_CONTAINER_CREDENTIALS_FULL_URI among its variables). */
  credential: Credential;
  /** The project's registryCredential, for pulling the image. */
  registryLogin?: { username: string; password: string };
  /** `fileSystemLocations`, each to be at its mount point and in its variable. */
  fileSystems: readonly FileSystemRecord[];
  localCache?: LocalCacheDirectories;
  signal: AbortSignal;
}

export interface BuildLogSink {
  write(text: string, time: Date): void;
  close(): Promise<void>;
}

/** Told as it happens; texts are masked already. */
export interface BuildObserver {
  onBuildStart(build: BuildRecord): void;
  /** At the start of each phase (no phaseStatus yet) and at its end. */
  onPhase(build: BuildRecord, phase: BuildPhase): void;
  onLog(build: BuildRecord, text: string): void;
  /** After every change of a batch. */
  onBatchChange?(batch: BatchRecord): void;
  /** Something that AWS would not say, for the person who watches. */
  onNote(build: BuildRecord, text: string): void;
}

/** A person who attends a build; it waits until the promise resolves. Its timeout runs on. */
export interface BuildAttendant {
  /** A command of a build with a debug session has come to `codebuild-breakpoint`. */
  onBreakpoint?(point: PausePoint): Promise<void>;
  /** A command failed and its phase is not tried again; its `finally` commands are still to come. */
  onCommandFailure?(point: PausePoint): Promise<void>;
}

/** Where a build waits. */
export interface PausePoint {
  buildId: string;
  phaseType: PhaseType;
  /** `codebuild-breakpoint`, or the failure as the phase's context will have it. */
  message: string;
  /** Aborted when the build is ended, or resumed from elsewhere. */
  signal: AbortSignal;
  /**
   * A shell with the directory, the variables and the user of that very point; resolves with its exit status. What is
   * done to variables there is gone with it. `termType` is the terminal's TERM.
   */
  openShell(terminal: Terminal, termType?: string): Promise<number>;
}

/** Why an environment cannot be had; `code` becomes the phase context's status code. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  readonly code: string;

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
