import { apiVersion } from "./api-version.ts";
import { formatEntityTag } from "./conditional-request.ts";
import type { ManifestHead } from "./registry-content.ts";

/** Names and values in turn, as `writeHead` takes them without another look. */
export type HeaderList = readonly string[];

/** Headers of a manifest, made once for each head that stays the same object. */
export function createManifestHeaders(): (head: ManifestHead) => HeaderList {
  const known = new WeakMap<ManifestHead, HeaderList>();
  return (head) => {
    const made = known.get(head);
    if (made !== undefined) return made;
    const headers = manifestHeaders(head);
    known.set(head, headers);
    return headers;
  };
}

function manifestHeaders(head: ManifestHead): HeaderList {
  return [...notModifiedHeaders(head), "content-type", head.mediaType, "content-length", String(head.size)];
}

export function notModifiedHeaders({ digest, stale }: ManifestHead): HeaderList {
  const entries = [apiVersion.name, apiVersion.value, "docker-content-digest", digest, "etag", formatEntityTag(digest)];
  // https://www.rfc-editor.org/rfc/rfc7234#section-5.5.1
  return stale === undefined ? entries : [...entries, "warning", `110 - "${stale.replace(/["\\]/g, "'")}"`];
}
