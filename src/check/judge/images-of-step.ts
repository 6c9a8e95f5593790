import type { BuildImageStep, BuildStep, ComposeStep } from "../build-job.ts";
import type { ImageUse } from "../image-use.ts";
import { findBakeFiles, findComposeFiles } from "./build-files.ts";
import type { FileFinder } from "./find-file.ts";
import type { PlacedStep, ReadFile } from "./repository.ts";

/** Reads a Dockerfile again for one build of it: with the build's arguments, only the stages that its target needs. */
export type ReadBuild = (file: ReadFile, step: BuildImageStep) => readonly ImageUse[];

export interface ImageFinder extends FileFinder {
  readBuild: ReadBuild;
}

export interface PlacedImage {
  image: ImageUse;
  file: ReadFile;
}

/** The images that a step pulls, with the files that name them. */
export function imagesOfStep({ step, file }: PlacedStep, finder: ImageFinder): PlacedImage[] {
  switch (step.kind) {
    case "pull":
      return [{ image: step.image, file }];
    case "build":
      return imagesOfBuild(step, file, finder);
    case "compose":
      return imagesOfCompose(step, file, finder);
    case "login":
    case "mirror":
      return [];
  }
}

function imagesOfBuild(step: BuildImageStep, file: ReadFile, finder: ImageFinder): PlacedImage[] {
  // The images of an inline one are those of the step's own file.
  if (step.isInline === true) return [];
  if (isBakeCommand(step)) return imagesOfBake(step, file, finder);
  const dockerfile = findDockerfile(step, file, finder);
  if (dockerfile === undefined) return [];
  return finder.readBuild(dockerfile, step).map((image) => ({ image, file: dockerfile }));
}

function findDockerfile({ context, dockerfile }: BuildImageStep, from: ReadFile, { findFile }: FileFinder) {
  const path = dockerfile ?? (context === undefined ? undefined : `${context}/Dockerfile`);
  return path === undefined ? undefined : findFile(path, from);
}

/** The command names targets; a target, in its file, is a build like any other. */
export function isBakeCommand({ tool, files }: BuildImageStep): boolean {
  return tool === "bake" && files !== undefined;
}

/** Which targets a group has is not read: where one is named that is no target, all are taken. */
function imagesOfBake(step: BuildImageStep, from: ReadFile, finder: ImageFinder): PlacedImage[] {
  const { targets = [] } = step;
  return findBakeFiles(step, from, finder).flatMap((file) => {
    const builds = buildsOf(file);
    const isOne = targets.length > 0 && targets.every((target) => builds.some(({ name }) => name === target));
    const chosen = isOne ? builds.filter(({ name = "" }) => targets.includes(name)) : builds;
    const isChosen = ({ site }: ImageUse) => !isOne || targets.some((target) => site.startsWith(`target.${target}.`));
    const own = file.extraction.images.filter(isChosen).map((image) => ({ image, file }));
    return [...own, ...chosen.flatMap((build) => imagesOfBuild(build, file, finder))];
  });
}

function imagesOfCompose(step: ComposeStep, from: ReadFile, finder: ImageFinder): PlacedImage[] {
  return findComposeFiles(step, from, finder).flatMap((file) => {
    const images = file.extraction.images.filter(({ site }) => {
      const isOfBuild = /\.build\b/.test(site);
      return isOfBuild ? buildsImages(step) : step.verb !== "build";
    });
    const builds = buildsImages(step) ? buildsOf(file) : [];
    const { services } = step;
    // What a service depends on is not read, so that the other verbs may need any.
    const chosen =
      step.verb === "build" && services ? builds.filter(({ name = "" }) => services.includes(name)) : builds;
    return [
      ...images.map((image) => ({ image, file })),
      ...chosen.flatMap((build) => imagesOfBuild(build, file, finder)),
    ];
  });
}

/** Swarm builds nothing. */
export function buildsImages({ verb }: ComposeStep): boolean {
  return verb !== "pull" && verb !== "stack deploy";
}

function buildsOf({ extraction }: ReadFile): BuildImageStep[] {
  const isOwn = (step: BuildStep): step is BuildImageStep => step.kind === "build" && !isBakeCommand(step);
  return extraction.jobs.flatMap(({ steps }) => steps.filter(isOwn));
}
