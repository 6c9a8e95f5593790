import type { Readable } from "node:stream";
import type { Credential } from "../../../aws-api/service.ts";
import type { Buildspec } from "../../../buildspec/buildspec.ts";
import type { BuildRecord, PhaseType } from "../build.ts";
import type { LocalCacheDirectories } from "../cache/local-cache-place.ts";
import type { LocalCache } from "../cache/local-caches.ts";
import type { BuildAttendant, BuildCollaborators } from "../collaborators.ts";
import type { BuildEnvironment } from "../environment/environment.ts";
import type { BuildLog } from "../log/build-log.ts";
import type { ReportStore } from "../reports/report-store.ts";
import type { ShellSession } from "../shell/shell-command.ts";

/** A build under way: its record and everything that its phases share. */
export interface BuildRun {
  build: BuildRecord;
  region: string;
  collaborators: BuildCollaborators;
  log: BuildLog;
  /** Aborted with reason `BuildEnd` by StopBuild, the timeout or the server's end. */
  signal: AbortSignal;
  input: BuildInput;
  /** Of the account. */
  reports: ReportStore;
  /** Called after every change of the record. */
  save(build: BuildRecord): void;
  credential?: Credential;
  environment?: BuildEnvironment;
  /** Of a project with a local cache, unless another build has it. */
  localCache?: LocalCache;
  /** What the build uses of it. */
  localCacheDirectories?: LocalCacheDirectories;
  buildspec?: Buildspec;
  /** For people: its path below the source, or that it is the project's own. */
  buildspecName?: string;
  shell?: ShellSession;
  /** The commands' whole environment, after DOWNLOAD_SOURCE. */
  variables?: Record<string, string>;
  succeeding: boolean;
}

/** What the starter of a build hands in beside the record. */
export interface BuildInput {
  /** Source archive in hand; else it is fetched from S3 as the role. */
  sourceZip?: Buffer;
  /** Told of every artifact of a pipeline's build in UPLOAD_ARTIFACTS; the phase waits for it. */
  onArtifact?(artifact: BuiltArtifact): Promise<void>;
  /** `BUCKET/KEY` for outputs that only the buildspec names. Without it, its secondary artifacts need to be declared. */
  outputLocationOf?(identifier: string): string | undefined;
  /** The commit that all builds of a batch are to build, whatever their source version names by now. */
  pinnedVersion?: string;
  attendant?: BuildAttendant | undefined;
  /** The build ends after this phase; what it has not come to is no phase of it. */
  lastPhase?: PhaseType | undefined;
}

export interface BuiltArtifact {
  buildId: string;
  /** Of a batch: its ID, and the build's task; absent for the combined artifact. */
  batch?: { id: string; task?: string };
  /** Absent for the primary artifact. */
  identifier?: string;
  /** Names in the archive. */
  files: string[];
  /** `BUCKET/KEY`, where it has been stored. */
  location?: string;
  /** Where no location was given: the zip archive, to be read to its end. */
  archive?: Readable;
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
