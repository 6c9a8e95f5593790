import { formatImageReference, parseImageReference } from "../../oci/image-reference.ts";
import type { ImageUse } from "../image-use.ts";
import type { Pull, ReadFile } from "../judge/repository.ts";
import { type ReadRepository, rereadRepository } from "../read-repository.ts";
import { applyEdits, type TextEdit } from "../text-edit.ts";
import { gatherEdits, type LeftOver, type Remedy } from "./remedy.ts";

/** Docker keeps its official images there too, and nobody's others. */
const host = "public.ecr.aws";

/**
 * Takes official images from ECR Public, by the same tag or digest. That has limits of its own: one pull a second for each
 * address without a login to AWS. https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
 */
export function useEcrPublic(repository: ReadRepository): Remedy {
  const edits: { file: ReadFile; edit: TextEdit }[] = [];
  const left = new Map<string, LeftOver>();
  for (const pull of repository.pulls) {
    if (pull.source !== "docker-hub") continue;
    const found = editsOf(pull);
    const { file, image } = pull;
    if (typeof found !== "string") edits.push(...found.map((edit) => ({ file, edit })));
    else {
      const message = `${image.written}: ${found}`;
      left.set(`${file.path}:${image.range.start}`, { file, range: image.range, message });
    }
  }
  const files = gatherEdits(edits);
  const texts = new Map(files.map(({ file, edits: own }) => [file.path, applyEdits(file.text, own)]));
  const after = new Map(rereadRepository(repository, texts).files.map((file) => [file.path, file]));
  const isSound = ({ file, edits: own }: (typeof files)[number]) => hasMoved(file, after.get(file.path), own);
  const spoilt = files
    .filter((one) => !isSound(one))
    .map(
      ({ file }): LeftOver => ({
        file,
        range: { start: 0, end: 0 },
        message: "one place decides several images in different ways: edit it by hand",
      }),
    );
  return { edits: files.filter(isSound), left: [...left.values(), ...spoilt] };
}

/** The edits, or why there are none. */
function editsOf({ image, isOfficial, reference }: Pull): TextEdit[] | string {
  if (!isOfficial) {
    if (reference === undefined) {
      return "something outside of the file decides the image; name its copy in ECR Public there";
    }
    return "no official image, so not in ECR Public; log in to Docker Hub, or keep a copy of it in ECR";
  }
  const { edit, splitEdit } = image;
  if (edit !== undefined) return [{ range: edit.range, text: `${host}/${nameAt(edit.text)}` }];
  if (splitEdit === undefined) return `put together from pieces; make it come to ${host}/docker/library/NAME`;
  const { registry, repository } = splitEdit;
  return [
    { range: registry.range, text: host },
    { range: repository.range, text: nameAt(repository.text) },
  ];
}

/** Below the mirror's host. */
function nameAt(text: string): string {
  const known = /^(?:(?:index\.|registry-1\.)?docker\.io\/|registry\.hub\.docker\.com\/)?(?:library\/)?/;
  return `docker/library/${text.replace(known, "")}`;
}

/** Each image that was edited has moved to the mirror, and every other one has stayed where it was. */
function hasMoved(before: ReadFile, after: ReadFile | undefined, edits: readonly TextEdit[]): boolean {
  const isEdited = ({ edit, splitEdit }: ImageUse) => {
    const place = edit ?? splitEdit?.repository;
    return edits.some(({ range }) => range.start === place?.range.start);
  };
  const expected = before.extraction.images.map((image) => {
    const name = canonical(image);
    return isEdited(image) ? name.replace("docker.io/library/", `${host}/docker/library/`) : name;
  });
  const found = after?.extraction.images.map(canonical) ?? [];
  return JSON.stringify(expected.sort()) === JSON.stringify(found.sort());
}

/** What is not constant counts as one like any other. */
function canonical({ reference }: ImageUse): string {
  if (reference === undefined) return "";
  try {
    return formatImageReference(parseImageReference(reference));
  } catch {
    return reference;
  }
}
