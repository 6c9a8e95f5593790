import type { Readable } from "node:stream";
import type { Digest } from "../../oci/digest.ts";
import type { ManifestHead } from "../../registry/registry-content.ts";
import type { ContentFile, ContentSpool, StoredContent } from "../../store/content-store.ts";

/** A tag as the upstream last told it. */
export interface PulledTag {
  tag: string;
  head: ManifestHead;
  /** Milliseconds since 1970 when the upstream confirmed it. */
  checkedAt: number;
}

/**
 * What a gateway has pulled from its upstreams, whole and verified: on this machine's disk, or in S3 for several replicas.
 * `repository` is canonical, with its registry: `docker.io/library/httpd`. A repository shows only what was put under it:
 * that a blob is here for one repository gives nobody access to it through another.
 * Throws ContentUnavailable where the place itself cannot be reached.
 */
export interface PulledContent {
  /** `fresh`: as other replicas left it, past any copy that is kept in memory for a moment. */
  findTag(repository: string, tag: string, options?: { fresh?: boolean }): Promise<PulledTag | undefined>;
  putTag(repository: string, tag: PulledTag): Promise<void>;
  deleteTag(repository: string, tag: string): Promise<void>;
  findManifest(repository: string, digest: Digest): Promise<{ head: ManifestHead; body: Buffer } | undefined>;
  /** The body's digest was verified by the caller. */
  putManifest(repository: string, head: ManifestHead, body: Buffer): Promise<void>;
  /** Size in bytes. */
  findBlob(repository: string, digest: Digest): Promise<number | undefined>;
  /** Under any repository. Tells whether it is worth asking the upstream if this one has it too, and shows nothing. */
  isBlobHere(digest: Digest): Promise<boolean>;
  /** For a blob that is here under another repository and that the upstream has confirmed for this one; false where it is not. */
  linkBlob(repository: string, digest: Digest): Promise<boolean>;
  /** `end` is inclusive. What is being read is not evicted. */
  readBlob(digest: Digest, range?: { start: number; end: number }): Promise<Readable>;
  /** Where a client may read the blob without this process; absent where the place knows no such thing. */
  blobLocation?(digest: Digest): Promise<string>;
  /** Absent where blobs lie in no file of this machine. Nor is what is open evicted, until it is released. */
  openBlobFile?(digest: Digest): Promise<ContentFile>;
  /**
   * `finish(digest)` verifies, stores and links. What is neither finished nor discarded is gone after a restart.
   * Undefined where there is no room for that size, even if all that may go went.
   * Where the digest is known, too, a place far away may begin to store what comes; nothing is shown before `finish`.
   */
  startBlob(repository: string, size?: number, digest?: Digest): Promise<PulledBlobWriter | undefined>;
}

/** `append` takes blocks of bytes; streams are its user's to read. */
export interface PulledBlobWriter extends Omit<ContentSpool, "append" | "finish"> {
  append(block: Uint8Array): Promise<number>;
  finish(digest: Digest): Promise<StoredContent>;
}

/** The place of the content cannot be reached: worth trying again, and no reason to ask the upstream instead. */
export class ContentUnavailable extends Error {
  override readonly name = "ContentUnavailable";
}
