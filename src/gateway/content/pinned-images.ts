import { type Digest, isDigest } from "../../oci/digest.ts";
import { type PinRecord, type PulledRecords, referenceKey } from "./pulled-records.ts";

/** Tags and digests whose image is neither evicted nor collected, as far as it was pulled. */
export interface PinnedImages {
  pin(repository: string, reference: string): void;
  /** False where it was not pinned. */
  unpin(repository: string, reference: string): boolean;
  list(): PinRecord[];
  isPinned(digest: Digest): boolean;
  /** A tag moved or a manifest came: what is pinned is found out anew when it is next asked. */
  refresh(): void;
}

export function openPinnedImages(records: PulledRecords): PinnedImages {
  let pinned: Set<Digest> | undefined;

  function addTree(tree: Set<Digest>, digest: Digest): void {
    if (tree.has(digest)) return;
    tree.add(digest);
    for (const reference of records.manifests.get(digest)?.references ?? []) addTree(tree, reference);
  }

  function findPinned(): Set<Digest> {
    const tree = new Set<Digest>();
    for (const { repository, reference } of records.pins.list()) {
      const tagged = records.tags.get(referenceKey(repository, reference))?.tag.head.digest;
      const digest = isDigest(reference) ? reference : tagged;
      if (digest !== undefined) addTree(tree, digest);
    }
    return tree;
  }

  function refresh(): void {
    pinned = undefined;
  }
  return {
    pin(repository, reference) {
      records.pins.put(referenceKey(repository, reference), { repository, reference });
      refresh();
    },
    unpin(repository, reference) {
      refresh();
      return records.pins.delete(referenceKey(repository, reference));
    },
    list: () => records.pins.list(),
    isPinned(digest) {
      pinned ??= findPinned();
      return pinned.has(digest);
    },
    refresh,
  };
}
