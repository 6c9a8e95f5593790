import type { Digest } from "../../oci/digest.ts";
import type { ManifestHead } from "../../registry/registry-content.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { PulledTag } from "./pulled-content.ts";

/** One record for each blob, so that evicting it is one write however many repositories show it. */
export interface BlobRecord {
  digest: Digest;
  size: number;
  /** Those that may show it. */
  repositories: string[];
}

export interface ManifestRecord extends BlobRecord {
  head: ManifestHead;
  /** Digests that the body names: manifests, config, layers. */
  references: Digest[];
}

export interface TagRecord {
  repository: string;
  tag: PulledTag;
}

export interface PinRecord {
  repository: string;
  /** A tag or a digest. */
  reference: string;
}

export interface UseRecord {
  digest: Digest;
  /** Milliseconds since 1970. */
  usedAt: number;
}

export interface PulledRecords {
  /** By digest. */
  blobs: Collection<BlobRecord>;
  manifests: Collection<ManifestRecord>;
  /** By `REPOSITORY TAG`. */
  tags: Collection<TagRecord>;
  pins: Collection<PinRecord>;
  /** Apart from the records, since they are written far more often. */
  blobUses: Collection<UseRecord>;
  manifestUses: Collection<UseRecord>;
}

export function openPulledRecords(store: Store): PulledRecords {
  return {
    blobs: store.collection("pulled-blob"),
    manifests: store.collection("pulled-manifest"),
    tags: store.collection("pulled-tag"),
    pins: store.collection("pulled-pin"),
    blobUses: store.collection("pulled-blob-use"),
    manifestUses: store.collection("pulled-manifest-use"),
  };
}

export function referenceKey(repository: string, reference: string): string {
  return `${repository} ${reference}`;
}

/** With the repository among those that may show it. */
export function shownIn<R extends BlobRecord>(record: R, repository: string): R {
  if (record.repositories.includes(repository)) return record;
  return { ...record, repositories: [...record.repositories, repository] };
}
