/** What happens during a run, as it happens. Texts hold no secrets: logs are masked, NoEcho values never leave. */
export interface RunObserver {
  /** A step of the run that is not AWS's: what was chosen, and why. */
  onNote(text: string): void;
  onStackStart(stackName: string, file: string): void;
  onStackEvent(event: StackProgress): void;
  onBuildStart(build: { id: string; project: string }): void;
  /** Told when a phase begins, without a status, and when it ends. */
  onPhase(phase: { phaseType: string; phaseStatus?: string }): void;
  /** Masked text of the build's log, in order; not cut at line ends. */
  onLog(text: string): void;
}

export interface StackProgress {
  stackName: string;
  logicalId: string;
  resourceType: string;
  status: string;
  reason?: string;
}
