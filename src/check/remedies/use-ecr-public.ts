import type { Pull, Repository } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { gatherEdits, type LeftOver, type Remedy } from "./remedy.ts";

/** Docker keeps its official images there too, and nobody's others. */
const mirror = "public.ecr.aws/docker/";

/**
 * Takes official images from ECR Public, by the same tag or digest. That has limits of its own: one pull a second for each
 * address without a login to AWS. https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
 */
export function useEcrPublic({ pulls }: Repository): Remedy {
  const edits: { file: Pull["file"]; edit: TextEdit }[] = [];
  const left = new Map<string, LeftOver>();
  for (const pull of pulls) {
    if (pull.source !== "docker-hub") continue;
    const edit = editOf(pull);
    const { file, image } = pull;
    if (typeof edit !== "string") edits.push({ file, edit });
    else
      left.set(`${file.path}:${image.range.start}`, { file, range: image.range, message: `${image.written}: ${edit}` });
  }
  return { edits: gatherEdits(edits), left: [...left.values()] };
}

/** The edit, or why there is none. */
function editOf({ image, isOfficial, reference }: Pull): TextEdit | string {
  if (!isOfficial) {
    if (reference === undefined)
      return "something outside of the file decides the image; name its copy in ECR Public there";
    return "no official image, so not in ECR Public; log in to Docker Hub, or keep a copy of it in ECR";
  }
  if (image.edit === undefined) return `put together from pieces; make it come to ${mirror}library/NAME`;
  const { range, text } = image.edit;
  const [, rest = ""] =
    /^(?:(?:index\.|registry-1\.)?docker\.io\/|registry\.hub\.docker\.com\/)?(?:library\/)?(.*)$/s.exec(text) ?? [];
  return { range, text: `${mirror}library/${rest}` };
}
