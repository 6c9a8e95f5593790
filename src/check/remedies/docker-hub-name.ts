import { findImageReference, formatImageReference } from "../../oci/image-reference.ts";
import type { ImageUse } from "../image-use.ts";

/**
 * The name that Docker Hub itself has for an image, `library/` included, with whatever stands behind the repository: that it has
 * behind another registry's prefix too. Undefined where the repository is not constant.
 */
export function findDockerHubName(text: string): string | undefined {
  const name = text.replace(/^(?:(?:index\.|registry-1\.)?docker\.io|registry\.hub\.docker\.com)(?::443)?\//, "");
  const [repository = ""] = /^[^:@]*/.exec(name) ?? [];
  if (/[${}%<]/.test(repository)) return undefined;
  return repository.includes("/") ? name : `library/${name}`;
}

/** In one way for all that mean the same image; what is not constant counts as one like any other. */
export function canonicalName({ reference }: ImageUse): string {
  if (reference === undefined) return "";
  const parsed = findImageReference(reference);
  return parsed === undefined ? reference : formatImageReference(parsed);
}
