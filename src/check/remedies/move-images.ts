import type { ImageUse } from "../image-use.ts";
import type { Pull, ReadFile } from "../judge/repository.ts";
import { type ReadRepository, rereadRepository } from "../read-repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { canonicalName, findDockerHubName } from "./docker-hub-name.ts";
import { gatherEdits, type LeftOver, type PlacedEdit, type Remedy, textsAfter } from "./remedy.ts";

/** A registry that has Docker Hub's images under names of its own. */
export interface Destination {
  /** HOST or HOST:PORT. */
  registry: string;
  /** What stands before Docker Hub's name of the repository, `library/` included: `docker`, `docker.io`. */
  prefix: string;
  /** Why this image is not taken from there, with what to do; undefined where it is. */
  whyNot(pull: Pull): Pick<LeftOver, "message" | "snippet"> | undefined;
}

/**
 * Takes Docker Hub's images from another registry, by the same tag or digest, each at the place that decides it. A file is
 * changed only where, read again, it names just the images that were meant.
 */
export function moveImages(repository: ReadRepository, destination: Destination): Remedy {
  const edits: PlacedEdit[] = [];
  const left = new Map<string, LeftOver>();
  for (const pull of repository.pulls) {
    if (pull.source !== "docker-hub") continue;
    const { file, image } = pull;
    const reason = destination.whyNot(pull);
    const found = reason === undefined ? editsOf(pull, destination) : [];
    const why = reason ?? (typeof found === "string" ? { message: found } : undefined);
    if (why !== undefined) {
      const message = `${image.written}: ${why.message}`;
      left.set(`${file.path}:${image.range.start}`, { file, range: image.range, ...why, message });
    } else if (typeof found !== "string") edits.push(...found.map((edit) => ({ file, edit })));
  }
  const files = gatherEdits(edits);
  const after = new Map(rereadRepository(repository, textsAfter(files)).files.map((file) => [file.path, file]));
  const { sound = [], spoilt = [] } = Object.groupBy(files, ({ file, edits: own }) =>
    hasMoved({ before: file, after: after.get(file.path), edits: own }, destination) ? "sound" : "spoilt",
  );
  const undecided = spoilt.map(
    ({ file }): LeftOver => ({
      file,
      range: { start: 0, end: 0 },
      message: "one place decides several images in different ways: edit it by hand",
    }),
  );
  return { edits: sound, left: [...left.values(), ...undecided] };
}

/** The edits, or why there are none. */
function editsOf({ image }: Pull, { registry, prefix }: Destination): TextEdit[] | string {
  const { edit, splitEdit } = image;
  const text = edit?.text ?? splitEdit?.repository.text;
  const name = text === undefined ? undefined : findDockerHubName(text);
  if (name === undefined) return `put together from pieces; make it come to ${registry}/${prefix}/NAME`;
  if (edit !== undefined) return [{ range: edit.range, text: `${registry}/${prefix}/${name}` }];
  if (splitEdit === undefined) return [];
  return [
    { range: splitEdit.registry.range, text: registry },
    { range: splitEdit.repository.range, text: `${prefix}/${name}` },
  ];
}

/** Each image that was edited has moved, and every other one has stayed where it was. */
function hasMoved(
  { before, after, edits }: { before: ReadFile; after: ReadFile | undefined; edits: readonly TextEdit[] },
  { registry, prefix }: Destination,
): boolean {
  const starts = new Set(edits.map(({ range }) => range.start));
  const isEdited = ({ edit, splitEdit }: ImageUse) => {
    const place = edit ?? splitEdit?.repository;
    return place !== undefined && starts.has(place.range.start);
  };
  const expected = before.extraction.images.map((image) => {
    const name = canonicalName(image);
    return isEdited(image) ? name.replace("docker.io/", `${registry}/${prefix}/`) : name;
  });
  const found = after?.extraction.images.map(canonicalName) ?? [];
  return JSON.stringify(expected.sort()) === JSON.stringify(found.sort());
}
