import type { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/manifest.ts";
import type { ContentFile } from "../store/content-store.ts";
import type { LentBlock } from "./block-pool.ts";

/** What is at hand is answered at once, what has to be fetched later. */
export type Awaitable<T> = T | Promise<T>;

/** What the wire tells of a manifest: the headers of its answer. */
export interface ManifestHead {
  digest: Digest;
  mediaType: string;
  /** Bytes of the manifest itself. */
  size: number;
  /** Why an older answer is given than was asked for; the client finds it in the `Warning` header. */
  stale?: string;
}

export type Referrer = Descriptor & { artifactType?: string };

/** A blob whose bytes may still be on their way. */
export interface OpenBlob {
  size: number;
  /** `end` is inclusive. */
  read(range?: { start: number; end: number }): Awaitable<Readable>;
  /** Where clients may read it instead: they are sent there. */
  location?(): Promise<string>;
  /**
   * There where the bytes lie whole in a file of this machine, which takes less time to send than a stream. Its caller
   * releases it. Undefined where the file is gone meanwhile.
   */
  openFile?(): Awaitable<ContentFile | undefined>;
  /** There where the bytes come in blocks that others send too. Its caller closes it. */
  follow?(range?: { start: number; end: number }): Awaitable<BlockReader>;
  /** Whoever opened it is done: no further reader comes of it, and those that came go on. Calling it twice is no harm. */
  close?(): void;
}

/** The bytes of a blob, at the pace of the one who asks for them. */
export interface BlockReader {
  /** Undefined at the end, and after `close`. One at a time. */
  next(): Promise<LentBlock | undefined>;
  close(): void;
}

/**
 * What can be pulled, in the verbs of the wire: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 * A registry's own repositories are one, a gateway's view of an upstream registry another.
 * What is not there is undefined; what is refused throws RegistryError. `reference` is a tag or a digest.
 */
export interface RegistryContent {
  manifestExists(repository: string, reference: string): Awaitable<ManifestHead | undefined>;
  pullManifest(repository: string, reference: string): Awaitable<{ record: ManifestHead; body: Buffer } | undefined>;
  /** Size in bytes. */
  blobExists(repository: string, digest: Digest): Awaitable<number | undefined>;
  openBlob(repository: string, digest: Digest): Awaitable<OpenBlob | undefined>;
  /** In byte order, those after `last`, at most `limit`. */
  listTags(
    repository: string,
    page?: { last?: string; limit?: number },
  ): Awaitable<{ tags: string[]; isTruncated: boolean }>;
  listReferrers(repository: string, subject: Digest): Awaitable<Referrer[]>;
}
