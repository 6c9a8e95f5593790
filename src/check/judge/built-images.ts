import { posix } from "node:path";
import type { ImageUse, ImageUseKind } from "../image-use.ts";
import type { ReadFile } from "./repository.ts";

/** Where Skaffold and Tilt put in what they have built. */
const replacedKinds: ReadonlySet<ImageUseKind> = new Set<ImageUseKind>(["deployment", "dockerfile", "development"]);

/**
 * Whether an image is one that Skaffold or Tilt build and put in. A name with a slash may be pushed to Docker Hub, and
 * pulled from there; without one it is nobody's to push, and goes to the cluster itself or to another registry.
 */
export function builtImageFinder(files: readonly ReadFile[]): (image: ImageUse, inFile: ReadFile) => boolean {
  const builders = files.flatMap(({ path, extraction: { builtImages = [] } }) => {
    const names = builtImages.map(withoutTag).filter((name) => !name.includes("/"));
    return names.length === 0 ? [] : [{ folder: posix.dirname(path), names: new Set(names) }];
  });
  return ({ kind, reference }, { path }) =>
    reference !== undefined &&
    replacedKinds.has(kind) &&
    builders.some(({ folder, names }) => names.has(withoutTag(reference)) && isBelow(path, folder));
}

function withoutTag(name: string): string {
  return name.replace(/[:@][^/]*$/, "");
}

function isBelow(path: string, folder: string): boolean {
  return folder === "." || path.startsWith(`${folder}/`);
}
