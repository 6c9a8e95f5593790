import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../oci/digest.ts";
import type { ContentSpool } from "../../store/content-store.ts";
import { startFileSpool } from "../../store/file-content-writer.ts";
import { unavailable } from "./local-parts.ts";
import type { PulledBlobWriter } from "./pulled-content.ts";

export interface S3BlobWriterParts {
  /** A directory of this process alone. */
  scratch: string;
  /** Puts a verified blob into the bucket and shows it in the repository. */
  store(repository: string, digest: Digest, spool: Pick<ContentSpool, "size" | "readSoFar">): Promise<void>;
}

/** Spooled to a local file and uploaded when it is whole. Undefined where the scratch disk has no room for `size`. */
export async function startS3Blob(
  { scratch, store }: S3BlobWriterParts,
  repository: string,
  size = 0,
): Promise<PulledBlobWriter | undefined> {
  const { bavail, bsize } = await statfs(scratch).catch(unavailable);
  if (bavail * bsize < size) return undefined;
  const path = join(scratch, randomUUID());
  // It is never finished as a file: its place is the bucket.
  const spool = await startFileSpool(path, { pathOf: () => path, durable: false }).catch(unavailable);
  return {
    get size() {
      return spool.size;
    },
    append: (block) => spool.append(block).catch(unavailable),
    readSoFar: spool.readSoFar,
    verify: spool.verify,
    async finish(digest) {
      await spool.verify(digest);
      await store(repository, digest, spool);
      return { digest, size: spool.size };
    },
    // `discard` removes the file and closes it.
    discard: spool.discard,
    close: spool.discard,
  };
}
