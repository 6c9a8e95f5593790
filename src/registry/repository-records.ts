import type { Digest } from "../oci/digest.ts";
import { cacheReads } from "../store/cached-reads.ts";
import type { Collection, Store } from "../store/store.ts";

/** A manifest in a repository. The body lies in the content store under the digest. */
export interface ManifestRecord {
  digest: Digest;
  mediaType: string;
  /** Bytes of the manifest itself. */
  size: number;
  /** Sum of config and layers; of an index, that of its largest manifest. */
  imageSize: number;
  blobs: Digest[];
  manifests: Digest[];
  subject?: Digest;
  artifactType?: string;
  annotations?: Record<string, string>;
  /** Milliseconds since 1970. */
  pushedAt: number;
  /** Kept to the day, as ECR does, so that a pull seldom writes. */
  lastPulledAt?: number;
}

export interface TagRecord {
  tag: string;
  digest: Digest;
}

/** One repository's records: a point read for each thing that a pull needs. */
export interface RepositoryRecords {
  /** By digest. */
  manifests: Collection<ManifestRecord>;
  tags: Collection<TagRecord>;
  /** Digests of the blobs that may be pulled from this repository. */
  blobs: Collection<Digest>;
  /** Digests of manifests with a subject, under `SUBJECT DIGEST`. */
  referrers: Collection<Digest>;
  /** What pulls ask for, from memory where nothing was written since. */
  findTag(tag: string): Readonly<TagRecord> | undefined;
  findManifest(digest: Digest): Readonly<ManifestRecord> | undefined;
  hasBlob(digest: Digest): boolean;
  /** Holders in the content store. */
  blobHolder: string;
  manifestHolder: string;
}

/** The name under which a repository holds its blobs. */
export function blobHolder(registry: string, repository: string): string {
  return `blob ${registry}/${repository}`;
}

/** `registry` tells registries of one store apart: `ecr/eu-west-1`. */
export function openRepositoryRecords(store: Store, registry: string, repository: string): RepositoryRecords {
  const place = `${registry}/${repository}`;
  const manifests = store.collection<ManifestRecord>(`manifest ${place}`);
  const tags = store.collection<TagRecord>(`tag ${place}`);
  const blobs = store.collection<Digest>(`blob ${place}`);
  const findBlob = cacheReads(blobs);
  return {
    ...{ manifests, tags, blobs },
    findTag: cacheReads(tags),
    findManifest: cacheReads(manifests),
    hasBlob: (digest) => findBlob(digest) !== undefined,
    referrers: store.collection(`referrer ${place}`),
    blobHolder: blobHolder(registry, repository),
    manifestHolder: `manifest ${place}`,
  };
}
