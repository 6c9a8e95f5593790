import type { ArtifactsRecord } from "../project.ts";
import type { BuildInput, BuiltArtifact } from "../run/build-run.ts";
import type { BatchRecord } from "./batch.ts";

/** Where the artifacts of one task go. */
export interface TaskArtifacts {
  artifacts: ArtifactsRecord;
  secondaryArtifacts: ArtifactsRecord[];
}

/**
 * In S3 each build's artifacts lie below its own ID, so that none overwrites another's. Under a pipeline they are the outputs
 * `TASK` and `TASK_IDENTIFIER`; of a combined artifact each part lies beside it.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-codepipeline.html
 */
export function taskArtifacts(batch: BatchRecord, task: string, input: BuildInput): TaskArtifacts {
  const { artifacts, settings } = batch.project;
  if (artifacts.type !== "CODEPIPELINE") {
    const secondary = (settings.secondaryArtifacts ?? []) as ArtifactsRecord[];
    return { artifacts: byBuild(artifacts), secondaryArtifacts: secondary.map(byBuild) };
  }
  if (batch.config.combineArtifacts === true) {
    return { artifacts: partOf(artifacts, `${batch.id.split(":").at(-1)}/${task}`), secondaryArtifacts: [] };
  }
  const { outputs } = batch;
  if (outputs === undefined) {
    const location = input.outputLocationOf?.(task);
    const place = { type: "CODEPIPELINE", ...(location !== undefined && { location }) };
    return { artifacts: place, secondaryArtifacts: [] };
  }
  const primary = outputs.find(({ artifactIdentifier }) => artifactIdentifier === task);
  const secondary = outputs.filter(({ artifactIdentifier }) => artifactIdentifier.startsWith(`${task}_`));
  const { artifactIdentifier: _, ...place } = primary ?? { type: "NO_ARTIFACTS", artifactIdentifier: task };
  return {
    artifacts: place,
    secondaryArtifacts: secondary.map((output) => ({
      ...output,
      artifactIdentifier: output.artifactIdentifier.slice(task.length + 1),
    })),
  };
}

/** What the starter of a batch handed in, as one task's build is to have it. */
export function taskInput(
  batch: BatchRecord,
  task: string,
  { outputLocationOf, onArtifact, ...input }: BuildInput,
  keep: (archive: Buffer) => void,
): BuildInput {
  const told = { id: batch.id, task };
  const isCombined = batch.config.combineArtifacts === true;
  return {
    ...input,
    ...(outputLocationOf !== undefined &&
      !isCombined && { outputLocationOf: (name: string) => outputLocationOf(`${task}_${name}`) }),
    ...(onArtifact !== undefined && {
      onArtifact: isCombined
        ? (part) => keepArchive(part, keep)
        : (artifact) => onArtifact({ ...artifact, batch: told }),
    }),
  };
}

/** Of a combined artifact that has no place in S3, the parts are in hand until all are there. */
async function keepArchive({ archive }: BuiltArtifact, keep: (archive: Buffer) => void): Promise<void> {
  if (archive === undefined) return;
  const { buffer } = await import("node:stream/consumers");
  keep(await buffer(archive));
}

function byBuild(place: ArtifactsRecord): ArtifactsRecord {
  return place.type === "S3" ? { ...place, namespaceType: "BUILD_ID" } : place;
}

function partOf({ location, ...place }: ArtifactsRecord, part: string): ArtifactsRecord {
  return location === undefined ? place : { ...place, location: `${location.replace(/\.zip$/, "")}/${part}.zip` };
}
