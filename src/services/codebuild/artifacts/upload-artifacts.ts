import type { BuildRun } from "../run/build-run.ts";
import { artifactTargets } from "./artifact-targets.ts";
import { collectArtifacts } from "./collect-artifacts.ts";
import { evaluateBlock } from "./evaluate-block.ts";
import { storeArtifact } from "./store-artifact.ts";

/** UPLOAD_ARTIFACTS: CODEPIPELINE (always zip) and S3 (folder or zip); NO_ARTIFACTS leaves the buildspec's block aside. */
export async function uploadArtifacts(run: BuildRun): Promise<void> {
  const { build, environment, log } = run;
  if (environment === undefined) return;
  const { sourceDirectory } = environment.local;
  for (const target of artifactTargets(run)) {
    const block = await evaluateBlock(run, target.block, environment.sourceDirectory);
    const keepsLinks = target.place.type === "CODEPIPELINE" || target.place.packaging === "ZIP";
    const files = await collectArtifacts(block, sourceDirectory, { keepsLinks, log: (line) => log.line(line) });
    build.artifactResults.push(await storeArtifact(run, { ...target, block, sourceDirectory }, files));
  }
}
