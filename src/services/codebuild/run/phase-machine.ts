import type { OnFailure, PhaseName } from "../../../buildspec/buildspec.ts";
import type { PhaseType } from "../build.ts";

type CommandPhaseType = Uppercase<PhaseName>;

export interface PhaseWork {
  downloadSource(): Promise<void>;
  command(phaseType: CommandPhaseType): Promise<void>;
  uploadArtifacts(): Promise<void>;
  onFailure(name: PhaseName): OnFailure | undefined;
  /** The build goes no further than this phase. */
  lastPhase?: PhaseType | undefined;
}

/**
 * Which phase follows which:
 *
 *     DOWNLOAD_SOURCE ─▶ INSTALL ─▶ PRE_BUILD ─▶ BUILD ─▶ POST_BUILD ─▶ UPLOAD_ARTIFACTS
 *           │ failed        │ failed    │ failed    │ failed: goes on   │ failed: goes on
 *           └───────────────┴───────────┴──▶ end    └─▶ POST_BUILD      └─▶ UPLOAD_ARTIFACTS (still tried)
 *
 * `on-failure: CONTINUE` goes to the next phase, `ABORT` ends. Where a phase was tried again in vain, it goes on as without
 * the key: what AWS does then is not recorded.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export async function phaseMachine(
  provisioned: boolean,
  runPhase: (phaseType: PhaseType, work: () => Promise<void>) => Promise<boolean>,
  work: PhaseWork,
): Promise<void> {
  if (!provisioned || !(await runPhase("DOWNLOAD_SOURCE", work.downloadSource))) return;
  if (work.lastPhase === "DOWNLOAD_SOURCE") return;
  for (const name of ["install", "pre_build", "build", "post_build"] as const) {
    const phaseType = name.toUpperCase() as CommandPhaseType;
    const isGood = await runPhase(phaseType, () => work.command(phaseType));
    if (phaseType === work.lastPhase || !(isGood || goesOnAfterFailure(name, work.onFailure(name)))) return;
  }
  await runPhase("UPLOAD_ARTIFACTS", work.uploadArtifacts);
}

function goesOnAfterFailure(name: PhaseName, onFailure: OnFailure | undefined): boolean {
  if (onFailure?.action === "ABORT") return false;
  if (onFailure?.action === "CONTINUE") return true;
  return name === "build" || name === "post_build";
}
