/** What happens during a run, as it happens. Texts hold no secrets: logs are masked, NoEcho values never leave. */
export interface RunObserver {
  /** A step of the run that is not AWS's: what was chosen, and why; of a build, where it is given. */
  onNote(text: string, build?: ObservedBuild): void;
  onStackStart(stackName: string, file: string): void;
  onStackEvent(event: StackProgress): void;
  onBuildStart(build: ObservedBuild): void;
  /** Told when a phase begins, without a status, and when it ends. */
  onPhase(phase: ObservedPhase, build: ObservedBuild): void;
  /** Masked text of the build's log, in order; not cut at line ends. */
  onLog(text: string, build: ObservedBuild): void;
  /** After every change of a batch. */
  onBatchChange?(batch: ObservedBatch): void;
}

export interface ObservedBuild {
  id: string;
  project: string;
  /** Of a batch's build: its identifier. */
  task?: string;
}

export interface ObservedPhase {
  phaseType: string;
  phaseStatus?: string;
  contexts: readonly { statusCode: string; message: string }[];
}

export interface ObservedBatch {
  id: string;
  tasks: readonly ObservedTask[];
}

export interface ObservedTask {
  identifier: string;
  dependsOn: readonly string[];
  ignoreFailure: boolean;
  /** Absent before its build has been started. */
  status?: string;
}

export interface StackProgress {
  stackName: string;
  logicalId: string;
  resourceType: string;
  status: string;
  reason?: string;
}
