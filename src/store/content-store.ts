import type { Readable } from "node:stream";
import type { Digest, DigestAlgorithm } from "../oci/digest.ts";

/** Bytes under their digest. What is in it is whole and verified; a partial write is never visible. */
export interface ContentStore {
  /** Size in bytes, or undefined where the content is not here. */
  size(digest: Digest): Promise<number | undefined>;
  /** `end` is inclusive, as in HTTP ranges. Throws where the content is not here: ask `size` first. */
  read(digest: Digest, range?: { start: number; end: number }): Readable;
  readAll(digest: Digest): Promise<Buffer>;
  /** Stores the stream; the given digest is verified, and a mismatch throws DigestMismatch and leaves nothing. */
  write(content: Readable | Uint8Array, expected?: Digest): Promise<StoredContent>;
  /** A write in several steps. What is neither finished nor discarded is gone after a restart. */
  startWrite(): Promise<ContentWriter>;
  delete(digest: Digest): Promise<void>;
}

export interface StoredContent {
  digest: Digest;
  size: number;
}

export interface ContentWriter {
  /** Bytes received so far. */
  readonly size: number;
  /** Resolves with the size after it. Where the stream fails, the bytes before the failure stay. One at a time. */
  append(content: Readable | Uint8Array): Promise<number>;
  /** Makes the content visible. The given digest is verified: a mismatch throws DigestMismatch and leaves nothing. */
  finish(expected?: Digest, algorithm?: DigestAlgorithm): Promise<StoredContent>;
  discard(): Promise<void>;
}

export class DigestMismatch extends Error {
  override readonly name = "DigestMismatch";
}
