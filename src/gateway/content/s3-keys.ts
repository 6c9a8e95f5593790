import type { Digest } from "../../oci/digest.ts";

/** Where each thing lies in the bucket. */
export interface S3Keys {
  blob(digest: Digest): string;
  /** Empty object: the repository shows the blob. */
  link(repository: string, digest: Digest): string;
  manifest(repository: string, digest: Digest): string;
  tag(repository: string, tag: string): string;
}

/**
 *     PREFIX/blobs/sha256/HEX                               whole, verified, never changed
 *     PREFIX/repositories/REPOSITORY/_blobs/sha256/HEX      empty: this repository shows the blob
 *     PREFIX/repositories/REPOSITORY/_manifests/sha256/HEX  the body; its media type is the object's Content-Type
 *     PREFIX/repositories/REPOSITORY/_tags/TAG              JSON
 *
 * A repository's path has no component that begins with an underscore, so that no two keys meet:
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
export function createS3Keys(prefix: string): S3Keys {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  const base = trimmed === "" ? "" : `${trimmed}/`;
  const at = (repository: string) => `${base}repositories/${repository}`;
  const path = (digest: Digest) => digest.replace(":", "/");
  return {
    blob: (digest) => `${base}blobs/${path(digest)}`,
    link: (repository, digest) => `${at(repository)}/_blobs/${path(digest)}`,
    manifest: (repository, digest) => `${at(repository)}/_manifests/${path(digest)}`,
    tag: (repository, tag) => `${at(repository)}/_tags/${tag}`,
  };
}
