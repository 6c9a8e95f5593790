import type { ImageEdit } from "../image-use.ts";
import type { MappedText } from "../mapped-text.ts";

/**
 * The place that holds a reference in one piece, or all of it before a tag that stands elsewhere: of `nginx:${TAG}` the
 * repository can be changed.
 */
export function findImageEdit(text: MappedText, isConstant: boolean): ImageEdit | undefined {
  const range = text.findRange({ start: 0, end: text.text.length });
  if (isConstant && range !== undefined) return { range, holds: "reference", text: text.text };
  const [, repository = ""] = /^([^@]*?)(?::[^:/@]*)?(?:@.*)?$/.exec(text.text) ?? [];
  if (repository === "" || repository === text.text || /[${}%<>]/.test(repository)) return undefined;
  const place = text.findRange({ start: 0, end: repository.length });
  return place && { range: place, holds: "repository", text: repository };
}
