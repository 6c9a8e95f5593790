import type { Digest } from "../../oci/digest.ts";
import type { ContentSpool } from "../../store/content-store.ts";
import type { Reservation } from "./content-space.ts";
import { type LocalParts, unavailable } from "./local-parts.ts";
import { ContentUnavailable, type PulledBlobWriter } from "./pulled-content.ts";
import { shownIn } from "./pulled-records.ts";

/** Undefined where the size is known and there is no room for it. */
export async function startPulledBlob(
  parts: LocalParts,
  repository: string,
  size = 0,
): Promise<PulledBlobWriter | undefined> {
  const room = await parts.space.reserve(size);
  if (room === undefined) return undefined;
  try {
    const spool = await parts.content.startSpool().catch(unavailable);
    return writerOf(parts, repository, spool, room);
  } catch (error) {
    room.release();
    throw error;
  }
}

function writerOf(parts: LocalParts, repository: string, spool: ContentSpool, room: Reservation): PulledBlobWriter {
  const { space, holds, records, blobUses, store } = parts;
  const finish = async (digest: Digest) => {
    const letGo = holds.hold(digest);
    try {
      const { size } = await spool.finish(digest).catch(unavailable);
      store.transaction(() => {
        const known = records.blobs.get(digest);
        if (known === undefined) space.addBlob(digest, size);
        records.blobs.put(digest, shownIn(known ?? { digest, size, repositories: [] }, repository));
        blobUses.touch(digest);
      });
      return { digest, size };
    } finally {
      room.release();
      letGo();
    }
  };
  return {
    get size() {
      return spool.size;
    },
    async append(block) {
      if (!(await room.grow(spool.size + block.byteLength))) {
        throw new ContentUnavailable("there is no room for a blob whose size the upstream did not tell");
      }
      return spool.append(block).catch(unavailable);
    },
    verify: spool.verify,
    readSoFar: spool.readSoFar,
    close: spool.close,
    finish,
    async discard() {
      room.release();
      await spool.discard();
    },
  };
}
