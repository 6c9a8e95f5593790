import { DigestMismatch } from "../store/content-store.ts";
import type { HeldWrite } from "../store/held-writes.ts";
import type { RegistryRoom, Uploads } from "./registry.ts";
import { RegistryError } from "./registry-error.ts";

/** A client that went away leaves its session; the next upload after this time takes it away. */
const idleLimit = 24 * 3600 * 1000;

/** An upload session is a write of the content store, held by its repository. */
export function createUploads(room: RegistryRoom): Uploads {
  function getSession(repository: string, id: string): HeldWrite {
    const session = room.content.findWrite(room.open(repository).blobHolder, id);
    if (session === undefined) throw new RegistryError("BLOB_UPLOAD_UNKNOWN", { detail: id });
    return session;
  }

  function getIdleSession(repository: string, id: string): HeldWrite {
    const session = getSession(repository, id);
    if (!session.isBusy) return session;
    throw new RegistryError("BLOB_UPLOAD_INVALID", { message: "another request writes to this upload" });
  }

  return {
    async startUpload(repository) {
      const { blobHolder } = room.open(repository);
      room.content.discardWrites({ before: room.now().getTime() - idleLimit });
      return room.content.startWrite(blobHolder);
    },
    uploadSize: (repository, id) => getSession(repository, id).size,
    async uploadChunk(repository, id, content, start) {
      const session = getIdleSession(repository, id);
      checkStart(session, start);
      return session.append(content);
    },
    async finishUpload(repository, id, digest, last) {
      const session = getIdleSession(repository, id);
      if (last !== undefined) {
        checkStart(session, last.start);
        await session.append(last.content, true);
      }
      try {
        return await session.finish(digest, () => room.open(repository).blobs.put(digest, digest));
      } catch (cause) {
        if (cause instanceof DigestMismatch)
          throw new RegistryError("DIGEST_INVALID", { detail: cause.message, cause });
        throw cause;
      }
    },
    cancelUpload: (repository, id) => void getIdleSession(repository, id).discard(),
  };
}

function checkStart({ size }: HeldWrite, start: number | undefined): void {
  if (start === undefined || start === size) return;
  throw new RegistryError("RANGE_INVALID", {
    detail: { received: size, start },
    headers: { range: formatReceived(size) },
  });
}

/** Inclusive, so that nothing received is `0-0` as well: the wire knows no other way. */
export function formatReceived(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}
