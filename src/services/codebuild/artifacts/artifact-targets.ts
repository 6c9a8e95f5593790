import type { ArtifactsBlock } from "../../../buildspec/buildspec.ts";
import type { ArtifactsRecord } from "../project.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { identifierRefusal, isArtifactIdentifier } from "./artifact-identifier.ts";

/** A block of the buildspec, and where its files go. */
export interface ArtifactTarget {
  block: ArtifactsBlock;
  /** Absent for the primary artifact. */
  identifier: string | undefined;
  place: ArtifactsRecord;
}

/**
 * Which blocks of the buildspec are uploaded. Under a pipeline one output artifact is the primary block's; where there are
 * several, all of them are secondary; where nobody declared any, they are all that the buildspec has. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-multi-in-out.html
 */
export function artifactTargets(run: BuildRun): ArtifactTarget[] {
  const { build, buildspec, log } = run;
  const { artifacts: primary, secondaryArtifacts: blocks = {} } = buildspec ?? {};
  const places = secondaryPlaces(run, Object.keys(blocks));
  const isOpen = hasOpenOutputs(run);
  const targets: ArtifactTarget[] = [];
  // A task of a batch has outputs of its own: its primary artifact and secondary ones.
  const isPrimaryWanted =
    build.artifacts.type !== "NO_ARTIFACTS" &&
    (build.artifacts.type !== "CODEPIPELINE" ||
      places.length === 0 ||
      (isOpen && primary !== undefined) ||
      build.batch !== undefined);
  if (isPrimaryWanted && primary !== undefined) {
    targets.push({ block: primary, identifier: undefined, place: build.artifacts });
  } else if (isPrimaryWanted && Object.keys(blocks).length > 0 && !isOpen) {
    throw new PhaseFailure("CLIENT_ERROR", "no definition for primary artifacts in buildspec");
  }
  for (const place of places) {
    const { artifactIdentifier: identifier = "" } = place;
    const block = blocks[identifier];
    // After AWS's words for the primary artifact; those for a secondary one are not known.
    if (block === undefined) {
      throw new PhaseFailure("CLIENT_ERROR", `no definition for secondary artifacts ${identifier} in buildspec`);
    }
    targets.push({ block, identifier, place });
  }
  for (const identifier of Object.keys(blocks)) {
    if (places.some(({ artifactIdentifier }) => artifactIdentifier === identifier)) continue;
    log.line(`Warning: artifacts.secondary-artifacts.${identifier} is no artifact of the project; it is not uploaded`);
  }
  return targets;
}

/** Nobody declared the outputs of a pipeline's build, so that the buildspec does. */
function hasOpenOutputs({ build, input }: BuildRun): boolean {
  const { secondaryArtifacts = [], artifacts } = build;
  return artifacts.type === "CODEPIPELINE" && secondaryArtifacts.length === 0 && input.outputLocationOf !== undefined;
}

function secondaryPlaces(run: BuildRun, identifiers: readonly string[]): readonly ArtifactsRecord[] {
  const { build, input } = run;
  if (!hasOpenOutputs(run)) return build.secondaryArtifacts ?? [];
  return identifiers.map((artifactIdentifier) => {
    // A part of the location.
    if (!isArtifactIdentifier(artifactIdentifier)) throw new PhaseFailure("CLIENT_ERROR", identifierRefusal);
    const location = input.outputLocationOf?.(artifactIdentifier);
    return { type: "CODEPIPELINE", artifactIdentifier, ...(location !== undefined && { location }) };
  });
}
