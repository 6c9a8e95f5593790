import type { Digest } from "../oci/digest.ts";
import type { Blobs, RegistryRoom } from "./registry.ts";
import { blobHolder } from "./repository-records.ts";

/** A blob is stored once and belongs to each repository that it was pushed to or mounted into. */
export function createBlobs(room: RegistryRoom): Blobs {
  const { content, store } = room;
  const blobExists = async (repository: string, digest: Digest) =>
    room.open(repository).hasBlob(digest) ? content.size(digest) : undefined;
  return {
    blobExists,
    async openBlob(repository, digest) {
      const size = await blobExists(repository, digest);
      if (size === undefined) return undefined;
      return { size, read: (range) => content.read(digest, range), openFile: () => content.openFile(digest) };
    },
    repositoriesOf(digest) {
      const prefix = blobHolder(room.name, "");
      const holders = content.holders(digest).filter((holder) => holder.startsWith(prefix));
      return holders.map((holder) => holder.slice(prefix.length));
    },
    mountBlob(repository, from, digest) {
      const target = room.open(repository);
      if (room.open(from).blobs.get(digest) === undefined) return false;
      store.transaction(() => {
        content.hold(target.blobHolder, digest);
        target.blobs.put(digest, digest);
      });
      return true;
    },
    deleteBlob(repository, digest) {
      const records = room.open(repository);
      return store.transaction(() => {
        if (!records.blobs.delete(digest)) return false;
        content.release(records.blobHolder, digest);
        return true;
      });
    },
  };
}
