import type { Readable } from "node:stream";
import type { Digest } from "../../oci/digest.ts";
import type { ManifestHead, Referrer } from "../../registry/registry-content.ts";

/**
 * What a gateway asks one upstream registry. Which identity asks, tokens, redirects and the ledger are behind it.
 * Undefined is the upstream's own word that a thing is not there; all else that fails throws UpstreamFailure.
 * `reference` is a tag or a digest; a body asked for by digest is not verified here: whoever stores it does.
 */
export interface UpstreamClient {
  /** HEAD, which Docker Hub does not count. */
  headManifest(repository: string, reference: string): Promise<ManifestHead | undefined>;
  /** GET, which Docker Hub counts. */
  getManifest(repository: string, reference: string): Promise<{ head: ManifestHead; body: Buffer } | undefined>;
  /** Size in bytes. */
  headBlob(repository: string, digest: Digest): Promise<number | undefined>;
  /** The bytes from `start` on; an upstream that knows no ranges gives all of them and says 0. */
  getBlob(repository: string, digest: Digest, start: number): Promise<UpstreamBlob | undefined>;
  listTags(
    repository: string,
    page?: { last?: string; limit?: number },
  ): Promise<{ tags: string[]; isTruncated: boolean } | undefined>;
  listReferrers(repository: string, subject: Digest): Promise<Referrer[]>;
}

export interface UpstreamBlob {
  /** Bytes of the whole blob, where the upstream says so. */
  size: number | undefined;
  start: number;
  /** To be read to its end or destroyed. The chunks are its reader's alone. */
  body: Readable;
}
