import type { ImageEdit, ImageUse, ImageUseKind } from "../../image-use.ts";
import type { MappedText } from "../../mapped-text.ts";
import { findRegistryHint, openPart } from "../registry-hint.ts";
import { constantOf, type ShellContent, type ShellValue, textOf } from "./shell-value.ts";

/** The use of the image that an argument names. */
export function imageUseOfValue(
  value: ShellValue,
  description: { kind: ImageUseKind; site: string; platform?: string },
): ImageUse {
  const { written, range } = findWritten(value.place);
  const reference = constantOf(value);
  const registryHint = reference === undefined ? findRegistryHint(markPieces(value)) : undefined;
  const edit = findEdit(value);
  return {
    ...description,
    written,
    range,
    ...(reference !== undefined && { reference }),
    ...(registryHint !== undefined && { registryHint }),
    ...(reference !== undefined && value.defaults.length > 0 && { variables: [...new Set(value.defaults)] }),
    ...(edit !== undefined && { edit }),
  };
}

/**
 * The word as the file has it. Where escapes or line ends of the file run through it, its first piece: what is said to be
 * written at a place is written there.
 */
export function findWritten(place: MappedText): Pick<ImageUse, "written" | "range"> {
  for (let end = place.text.length; end > 0; end--) {
    const range = place.findRange({ start: 0, end });
    if (range !== undefined) return { written: place.text.slice(0, end), range };
  }
  const { start } = place.nearestRange({ start: 0, end: 0 });
  return { written: "", range: { start, end: start } };
}

/** Neither a placeholder of `xargs` or `find`, nor nothing at all, nor an image that is no image: `scratch`. */
export function isImageName(value: ShellValue): boolean {
  const text = textOf(value);
  if (text === "" || text === "scratch" || text === "-" || text.includes("{}") || text.startsWith("-")) return false;
  // An ID is of an image that is there already; a path is an archive.
  if (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(text) || /^\.{0,2}\//.test(text) || text.includes("://")) return false;
  // The whole output of another command: `docker run $(docker build -q .)`.
  return !/^(?:docker|podman|nerdctl|buildah)\s+(?:buildx\s+|image\s+)?(?:build|bud|images|ls|inspect|commit|ps)\b/.test(
    value.command ?? "",
  );
}

function markPieces({ pieces }: ShellContent): string {
  return pieces.map(({ text, isConstant }) => (isConstant ? text : openPart)).join("");
}

function findEdit(value: ShellValue): ImageEdit | undefined {
  const { origin, place, pieces } = value;
  if (origin !== undefined)
    return editOf(origin.text, "reference", origin.findRange({ start: 0, end: origin.text.length }));
  // `python:$TAG`: the name is constant, whatever the tag is.
  const [first] = pieces;
  if (first?.isConstant !== true || !place.text.startsWith(first.text)) return undefined;
  const name = /^[^\s@]*?(?=@|:[^/]*$)/.exec(textOf(value))?.[0];
  if (name === undefined || name === "" || name.length > first.text.length) return undefined;
  return editOf(name, "repository", place.findRange({ start: 0, end: name.length }));
}

function editOf(text: string, holds: ImageEdit["holds"], range: ImageEdit["range"] | undefined): ImageEdit | undefined {
  return range === undefined ? undefined : { range, holds, text };
}
