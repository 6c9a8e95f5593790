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
  /** A write that is read while it grows. */
  startSpool(): Promise<ContentSpool>;
  delete(digest: Digest): Promise<void>;
  /** Everything that is here, in no order. */
  list(): AsyncIterable<Digest>;
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

/** Costs an open file from its start until `close`, unlike a writer, which may lie idle for long. */
export interface ContentSpool extends ContentWriter {
  /** Bytes that were appended, verified or not; `end` is inclusive and lies below `size`. Until `close`. */
  readSoFar(range: { start: number; end: number }): Promise<Buffer>;
  /** Throws DigestMismatch where what was appended so far has another digest. Further bytes may follow. */
  verify(expected: Digest): Promise<void>;
  /** Nobody reads through it any more. Neither finishes nor discards; calling it twice is no harm. */
  close(): Promise<void>;
}

export class DigestMismatch extends Error {
  override readonly name = "DigestMismatch";
}
