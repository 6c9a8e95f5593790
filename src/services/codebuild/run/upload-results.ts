import type { BuildRun } from "./build-run.ts";
import { PhaseFailure } from "./phase-failure.ts";

/**
 * UPLOAD_ARTIFACTS: artifacts, then reports. A build whose tests failed often has no artifacts, and its reports are what
 * people look for: they are made all the same. The phase's context tells of the artifacts first.
 */
export async function uploadResults(run: BuildRun): Promise<void> {
  const { uploadArtifacts } = await import("../artifacts/upload-artifacts.ts");
  const { createReports } = await import("../reports/create-reports.ts");
  const failures: PhaseFailure[] = [];
  for (const step of [uploadArtifacts, createReports]) {
    try {
      await step(run);
    } catch (error) {
      if (!(error instanceof PhaseFailure)) throw error;
      failures.push(error);
    }
  }
  if (failures[0] !== undefined) throw failures[0];
}
