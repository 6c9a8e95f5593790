import type { Credential } from "../../../aws-api/service.ts";
import type { Buildspec } from "../../../buildspec/buildspec.ts";
import type { BuildRecord, PhaseType } from "../build.ts";
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
  /** The commit that all builds of a batch are to build, whatever their source version names by now. */
  pinnedVersion?: string;
  /** Takes the artifact's archive and the names in it. */
  onArtifact?(archive: Buffer, files: string[]): void;
  attendant?: BuildAttendant | undefined;
  /** The build ends after this phase; what it has not come to is no phase of it. */
  lastPhase?: PhaseType | undefined;
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
