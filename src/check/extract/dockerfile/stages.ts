import type { ImageStage } from "../../image-use.ts";

/** A `FROM` with what follows it. */
export interface DockerfileStage {
  index: number;
  /** As written after `AS`. */
  name?: string;
  /** The stages that it starts from or copies from. */
  needs: Set<number>;
}

/** The last stage before `before` that has this name; names are compared without case. */
export function findStageByName(
  stages: readonly DockerfileStage[],
  name: string,
  before = stages.length,
): DockerfileStage | undefined {
  const wanted = name.toLowerCase();
  return stages.slice(0, before).findLast((stage) => stage.name?.toLowerCase() === wanted);
}

/** `--target`: a name or an index; the last stage where none is said. */
export function findTarget(
  stages: readonly DockerfileStage[],
  target: string | undefined,
): DockerfileStage | undefined {
  if (target === undefined || target === "") return stages.at(-1);
  return findStageByName(stages, target) ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
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
    open.push(...(stages[index]?.needs ?? []));
  }
  return stages.map(({ index }) => {
    if (needed.has(index)) return "all";
    return target !== undefined && index < target.index ? "classic" : "none";
  });
}
