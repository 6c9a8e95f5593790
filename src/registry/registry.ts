import type { Readable } from "node:stream";
import { LRUCache } from "lru-cache";
import type { Digest } from "../oci/digest.ts";
import type { StoredContent } from "../store/content-store.ts";
import type { HeldContent } from "../store/held-content.ts";
import type { Store } from "../store/store.ts";
import { createBlobs } from "./blobs.ts";
import { createManifests } from "./manifests.ts";
import type { Awaitable, OpenBlob, Referrer } from "./registry-content.ts";
import { type ManifestRecord, openRepositoryRecords, type RepositoryRecords } from "./repository-records.ts";
import { createUploads } from "./uploads.ts";

/** A registry that is pushed to: a RegistryContent, and the verbs that change it. What is not there is undefined or false. */
export interface Registry extends Manifests, Blobs, Uploads {
  /** Removes all of a repository's content, unfinished uploads too. */
  deleteRepository(repository: string): void;
}

export interface Manifests {
  manifestExists(repository: string, reference: string): ManifestRecord | undefined;
  pullManifest(repository: string, reference: string): Awaitable<{ record: ManifestRecord; body: Buffer } | undefined>;
  pushManifest(repository: string, reference: string, manifest: PushedManifest): Promise<ManifestRecord>;
  /** A tag alone, or a manifest with all of its tags. False where it is not there. */
  deleteManifest(repository: string, reference: string): boolean;
  listManifests(repository: string): ManifestRecord[];
  listTags(repository: string, page?: { last?: string; limit?: number }): { tags: string[]; isTruncated: boolean };
  /** Tags by digest. */
  tagsByDigest(repository: string): Map<Digest, string[]>;
  listReferrers(repository: string, subject: Digest): Referrer[];
}

export interface PushedManifest {
  body: Buffer;
  /** Empty where the manifest itself says it. */
  mediaType: string;
  /** Taken in from another registry: nobody is told of a push, and an index's platforms may come later. */
  isImported?: boolean;
}

export interface Blobs {
  blobExists(repository: string, digest: Digest): Promise<number | undefined>;
  openBlob(repository: string, digest: Digest): Promise<OpenBlob | undefined>;
  /** Repositories that have the blob. */
  repositoriesOf(digest: Digest): string[];
  /** False where `from` has no such blob. */
  mountBlob(repository: string, from: string, digest: Digest): boolean;
  deleteBlob(repository: string, digest: Digest): boolean;
}

export interface Uploads {
  /** Resolves with the ID of the upload session. It outlives the process, and ends when nobody used it for a day. */
  startUpload(repository: string): Promise<string>;
  /** Bytes received so far. */
  uploadSize(repository: string, id: string): number;
  /** Resolves with the bytes received so far. `start` is where the client believes that this chunk begins. */
  uploadChunk(repository: string, id: string, content: Readable | Uint8Array, start?: number): Promise<number>;
  /** `last` is the chunk that comes with the digest. */
  finishUpload(repository: string, id: string, digest: Digest, last?: LastChunk): Promise<StoredContent>;
  cancelUpload(repository: string, id: string): void;
}

export interface LastChunk {
  content: Readable | Uint8Array;
  start?: number | undefined;
}

/** Rules that a kind of registry adds, each of which throws a RegistryError to refuse. */
export interface RegistryPolicy {
  /** Asked first by every verb. */
  checkRepository(repository: string): void;
  /** Asked before `tag` is moved from `existing` to `digest`, also where these are the same. */
  checkTagOverwrite(repository: string, tag: string, existing: Digest, digest: Digest): void;
}

export interface PushEvent {
  repository: string;
  tag?: string;
  digest: Digest;
  mediaType: string;
  /** Config and layers, in bytes. */
  size: number;
}

export interface RegistryParts {
  store: Store;
  content: HeldContent;
  /** Tells registries of one store apart: `ecr/eu-west-1`. */
  name: string;
  policy?: RegistryPolicy;
  onPush?: (event: PushEvent) => void;
  now(): Date;
}

/** What the verbs' implementations share. */
export interface RegistryRoom extends Pick<RegistryParts, "name" | "store" | "content" | "onPush" | "now"> {
  policy: RegistryPolicy;
  /** Checks the repository first. */
  open(repository: string): RepositoryRecords;
}

const openPolicy: RegistryPolicy = { checkRepository() {}, checkTagOverwrite() {} };

export function createRegistry(parts: RegistryParts): Registry {
  const policy = parts.policy ?? openPolicy;
  const recent = new LRUCache<string, RepositoryRecords>({ max: 500 });
  const room: RegistryRoom = {
    ...parts,
    policy,
    open(repository) {
      policy.checkRepository(repository);
      const known = recent.get(repository);
      if (known !== undefined) return known;
      const records = openRepositoryRecords(parts.store, parts.name, repository);
      recent.set(repository, records);
      return records;
    },
  };
  return {
    ...createManifests(room),
    ...createBlobs(room),
    ...createUploads(room),
    deleteRepository: (repository) =>
      deleteRepository(parts, openRepositoryRecords(parts.store, parts.name, repository)),
  };
}

function deleteRepository({ store, content }: RegistryParts, records: RepositoryRecords): void {
  store.transaction(() => {
    for (const { tag } of records.tags.list()) records.tags.delete(tag);
    for (const { digest, subject } of records.manifests.list()) {
      records.manifests.delete(digest);
      if (subject !== undefined) records.referrers.delete(`${subject} ${digest}`);
      content.release(records.manifestHolder, digest);
    }
    for (const digest of records.blobs.list()) {
      records.blobs.delete(digest);
      content.release(records.blobHolder, digest);
    }
    content.discardWrites({ holder: records.blobHolder });
  });
}
