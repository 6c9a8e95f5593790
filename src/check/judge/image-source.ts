import { findImageReference, type ImageReference } from "../../oci/image-reference.ts";
import type { ImageUse } from "../image-use.ts";
import type { PullSource } from "./repository.ts";

/** `aws/codebuild/…`, for CodeBuild's own environments alone: elsewhere the same name is Docker Hub's. */
const curatedName = /^aws\/codebuild\//;
const ecrHost = /^\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;

export interface ImageSource {
  source: PullSource;
  reference: ImageReference | undefined;
  isOfficial: boolean;
}

/** Where an image comes from. `cachePrefixes` are those of ECR pull-through cache rules for Docker Hub. */
export function sourceOf(image: ImageUse, cachePrefixes: readonly string[]): ImageSource {
  const { kind, reference: text } = image;
  if (text === undefined) return sourceOfOpen(image);
  if (kind === "runner" && curatedName.test(text)) return elsewhere("curated");
  // What is no reference is a placeholder (`<IMAGE1_NAME>`) or a mistake of its author: nothing is pulled by it.
  const reference = findImageReference(text);
  if (reference === undefined) return elsewhere("not-constant");
  if (reference.registry === "docker.io") {
    return { source: "docker-hub", reference, isOfficial: reference.repository.startsWith("library/") };
  }
  const isCached =
    ecrHost.test(reference.registry) && cachePrefixes.some((prefix) => findNameBehind(reference, prefix) !== undefined);
  return elsewhere(isCached ? "pull-through-cache" : "other-registry", reference);
}

/** Only the tag is open, say: where it comes from is certain all the same. */
function sourceOfOpen({ registryHint, edit }: ImageUse): ImageSource {
  const name = edit?.holds === "repository" ? findImageReference(edit.text) : undefined;
  const registry = name?.registry ?? registryHint;
  if (registry === undefined) return elsewhere("not-constant");
  if (registry !== "docker.io") return elsewhere("other-registry");
  return { source: "docker-hub", reference: undefined, isOfficial: name?.repository.startsWith("library/") === true };
}

function elsewhere(source: PullSource, reference?: ImageReference): ImageSource {
  return { source, reference, isOfficial: false };
}

/** Docker Hub's name of an image behind a pull-through cache: without the prefix that the cache's rule puts before it. */
export function findNameBehind({ repository }: ImageReference, prefix: string): string | undefined {
  const start = prefix === "ROOT" ? "" : `${prefix.replace(/\/$/, "")}/`;
  return repository.startsWith(start) ? repository.slice(start.length) : undefined;
}
