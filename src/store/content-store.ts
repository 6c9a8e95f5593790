import type { Readable } from "node:stream";
import type { Digest, DigestAlgorithm } from "../oci/digest.ts";

/** Bytes under their digest. What is in it is whole and verified; a partial write is never visible. */
export interface ContentStore {
  /** Size in bytes, or undefined where the content is not here. */
  size(digest: Digest): Promise<number | undefined>;
  /** For whoever can send a file's bytes without a stream between. Undefined where the content is not here. */
  openFile(digest: Digest): ContentFile | Promise<ContentFile | undefined>;
  /** `end` is inclusive, as in HTTP ranges. Throws where the content is not here: ask `size` first. */
  read(digest: Digest, range?: { start: number; end: number }): Readable;
  readAll(digest: Digest): Promise<Buffer>;
  /** Stores the stream, or leaves nothing. The given digest is verified: a mismatch throws DigestMismatch. */
  write(content: Readable | Uint8Array, expected?: Digest, steps?: FinishSteps): Promise<StoredContent>;
  /** A write in several steps. */
  startWrite(): Promise<ContentWriter>;
  /** A write that is read while it grows. */
  startSpool(): Promise<ContentSpool>;
  /** Goes on behind the first `size` bytes of a write that another process began; what follows them is cut off. */
  resumeWrite(id: string, size: number): Promise<ContentWriter>;
  /** Removes an unfinished write that nothing is appended to. */
  discardWrite(id: string): void;
  /** Removes the unfinished writes of earlier processes, but for those that are to be kept. `size` is in bytes. */
  sweepWrites(isKept: (id: string, size: number) => boolean): void;
  delete(digest: Digest): Promise<void>;
  /** Everything that is here, in no order. */
  list(): AsyncIterable<Digest>;
  /** Lets go of files that are kept open for the next reader. */
  close(): void;
}

/** Content in a file of this machine, which stays readable until `release`. Its name may go meanwhile. */
export interface ContentFile {
  fd: number;
  /** Bytes. */
  size: number;
  /** Calling it twice is no harm. */
  release(): void;
}

export interface StoredContent {
  digest: Digest;
  size: number;
}

export interface ContentWriter {
  readonly id: string;
  /** Bytes received so far. */
  readonly size: number;
  /**
   * Resolves with the size after it. One at a time. Where the stream fails, the bytes before the failure stay; where
   * the disk does, none of this call do.
   */
  append(content: Readable | Uint8Array): Promise<number>;
  /** What was appended is on the disk when this resolves. */
  sync(): Promise<void>;
  /**
   * Makes the content visible. The given digest is verified: a mismatch throws DigestMismatch and leaves nothing.
   * After any other error it can be tried again.
   */
  finish(expected?: Digest, steps?: FinishSteps): Promise<StoredContent>;
  discard(): Promise<void>;
}

/** Costs an open file from its start until `close`, unlike a writer, which may lie idle for long. A failed `finish` leaves nothing. */
export interface ContentSpool extends Pick<ContentWriter, "size" | "append" | "finish" | "discard"> {
  /**
   * Bytes that were appended, verified or not; `end` is inclusive and lies below `size`. Until `close`. Into `memory`, where
   * that is given and large enough.
   */
  readSoFar(range: { start: number; end: number }, memory?: Buffer): Promise<Buffer>;
  /** Throws DigestMismatch where what was appended so far has another digest. Further bytes may follow. */
  verify(expected: Digest): Promise<void>;
  /** Nobody reads through it any more. Neither finishes nor discards; calling it twice is no harm. */
  close(): Promise<void>;
}

/** What a user of the store does between the steps of a finish, so that a process may die after any of them. */
export interface FinishSteps {
  /** sha256 where no digest is expected. */
  algorithm?: DigestAlgorithm;
  /** The content will be visible next. */
  announce?(digest: Digest): void;
  /** The content is visible, the unfinished write still there. */
  record?(stored: StoredContent): void;
}

export class DigestMismatch extends Error {
  override readonly name = "DigestMismatch";
}
