import type { Credential, Principal } from "../../aws-api/service.ts";
import type { BuildPhase, BuildRecord } from "./build.ts";
import type { LocalCaches } from "./cache/local-caches.ts";
import type { BuildEnvironment } from "./environment/environment.ts";
import type { ProjectEnvironmentRecord } from "./project.ts";

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
  observer: BuildObserver;
  now(): Date;
  random(): number;
  newUuid(): string;
}

export interface EnvironmentRequest {
  buildId: string;
  environment: ProjectEnvironmentRecord;
  /** For a credential endpoint that the environment may offer (AWS_CONTAINER_CREDENTIALS_FULL_URI among its variables). */
  credential: Credential;
  /** The project's registryCredential, for pulling the image. */
  registryLogin?: { username: string; password: string };
  /** The project's local cache, for the build to see at `containerLocalCache`. */
  localCacheDirectory?: string;
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
  /** Something that AWS would not say, for the person who watches. */
  onNote(build: BuildRecord, text: string): void;
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
