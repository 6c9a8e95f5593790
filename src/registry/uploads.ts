import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { type ContentWriter, DigestMismatch } from "../store/content-store.ts";
import type { RegistryRoom, Uploads } from "./registry.ts";
import { RegistryError } from "./registry-error.ts";

interface UploadSession {
  repository: string;
  writer: ContentWriter;
  /** True while a request writes or finishes: a session takes one at a time. */
  isBusy: boolean;
  lastUsed: number;
}

/** A client that went away leaves its session; the next upload after this time takes it away. */
const idleLimit = 3600 * 1000;

export function createUploads(room: RegistryRoom): Uploads {
  const sessions = new Map<string, UploadSession>();

  function getSession(repository: string, id: string): UploadSession {
    room.open(repository);
    const session = sessions.get(id);
    if (session?.repository !== repository) throw new RegistryError("BLOB_UPLOAD_UNKNOWN", { detail: id });
    session.lastUsed = room.now().getTime();
    return session;
  }

  async function whileBusy<R>(session: UploadSession, work: () => Promise<R>): Promise<R> {
    if (session.isBusy) {
      throw new RegistryError("BLOB_UPLOAD_INVALID", { message: "another request writes to this upload" });
    }
    session.isBusy = true;
    try {
      return await work();
    } finally {
      session.isBusy = false;
    }
  }

  async function dropIdleSessions(): Promise<void> {
    const oldest = room.now().getTime() - idleLimit;
    for (const [id, { isBusy, lastUsed, writer }] of sessions) {
      if (isBusy || lastUsed > oldest) continue;
      sessions.delete(id);
      await writer.discard();
    }
  }

  return {
    async startUpload(repository) {
      const { blobHolder } = room.open(repository);
      await dropIdleSessions();
      const id = randomUUID();
      const writer = await room.content.startWrite(blobHolder);
      sessions.set(id, { repository, writer, isBusy: false, lastUsed: room.now().getTime() });
      return id;
    },
    uploadSize: (repository, id) => getSession(repository, id).writer.size,
    uploadChunk(repository, id, content, start) {
      const session = getSession(repository, id);
      return whileBusy(session, () => appendChunk(session.writer, content, start));
    },
    finishUpload(repository, id, digest) {
      const session = getSession(repository, id);
      return whileBusy(session, async () => {
        // The writer is spent, whether the digest fits or not.
        sessions.delete(id);
        const stored = await finishWrite(session.writer, digest);
        room.open(repository).blobs.put(stored.digest, stored.digest);
        return stored;
      });
    },
    async cancelUpload(repository, id) {
      const session = getSession(repository, id);
      await whileBusy(session, async () => {
        sessions.delete(id);
        await session.writer.discard();
      });
    },
  };
}

async function appendChunk(writer: ContentWriter, content: Readable | Uint8Array, start?: number): Promise<number> {
  if (start !== undefined && start !== writer.size) {
    throw new RegistryError("RANGE_INVALID", {
      detail: { received: writer.size, start },
      headers: { range: formatReceived(writer.size) },
    });
  }
  return writer.append(content);
}

async function finishWrite(writer: ContentWriter, digest: Parameters<ContentWriter["finish"]>[0]) {
  try {
    return await writer.finish(digest);
  } catch (cause) {
    if (cause instanceof DigestMismatch) throw new RegistryError("DIGEST_INVALID", { detail: cause.message, cause });
    throw cause;
  }
}

/** Inclusive, so that nothing received is `0-0` as well: the wire knows no other way. */
export function formatReceived(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}
