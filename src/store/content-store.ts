import type { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";

/** Bytes under their digest. What is in it is whole and verified; a partial write is never visible. */
export interface ContentStore {
  /** Size in bytes, or undefined where the content is not here. */
  size(digest: Digest): Promise<number | undefined>;
  /** `end` is inclusive, as in HTTP ranges. Throws where the content is not here: ask `size` first. */
  read(digest: Digest, range?: { start: number; end: number }): Readable;
  readAll(digest: Digest): Promise<Buffer>;
  /** Stores the stream; the given digest is verified, and a mismatch throws DigestMismatch and leaves nothing. */
  write(content: Readable | Uint8Array, expected?: Digest): Promise<{ digest: Digest; size: number }>;
  delete(digest: Digest): Promise<void>;
}

export class DigestMismatch extends Error {
  override readonly name = "DigestMismatch";
}
