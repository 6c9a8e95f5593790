import type { ImageStage } from "../../image-use.ts";

/** A `FROM` with what follows it. */
export interface DockerfileStage {
  index: number;
  /** As written after `AS`. */
  name?: string;
  /** The stages that it starts from or copies from. */
  needs: Set<number>;
}

/** The stages so far, in order and by name. */
export interface StageList {
  all: DockerfileStage[];
  /** In lower case; the last one of a name. */
  byName: Map<string, DockerfileStage>;
}

export function addStage({ all, byName }: StageList, stage: DockerfileStage): void {
  all.push(stage);
  if (stage.name !== undefined) byName.set(stage.name.toLowerCase(), stage);
}

/** Names are compared without case. */
export function findStageByName({ byName }: StageList, name: string): DockerfileStage | undefined {
  return byName.get(name.toLowerCase());
}

/** `--target`: a name or an index; the last stage where none is said. */
export function findTarget(stages: StageList, target: string | undefined): DockerfileStage | undefined {
  if (target === undefined || target === "") return stages.all.at(-1);
  return findStageByName(stages, target) ?? (/^\d+$/.test(target) ? stages.all[Number(target)] : undefined);
}

/** Says for each stage who pulls its images in a build of the target. */
export function judgeStages(
  stages: readonly DockerfileStage[],
  target: DockerfileStage | undefined,
): ImageStage["pulledBy"][] {
  const needed = new Set<number>();
  const open = target === undefined ? [] : [target.index];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const other of stages[index]?.needs ?? []) open.push(other);
  }
  return stages.map(({ index }) => {
    if (needed.has(index)) return "all";
    return target !== undefined && index < target.index ? "classic" : "none";
  });
}
