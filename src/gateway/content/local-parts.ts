import type { LRUCache } from "lru-cache";
import type { Digest } from "../../oci/digest.ts";
import type { ContentStore } from "../../store/content-store.ts";
import type { Store } from "../../store/store.ts";
import type { ContentHolds } from "./content-holds.ts";
import type { ContentSpace } from "./content-space.ts";
import type { PinnedImages } from "./pinned-images.ts";
import { ContentUnavailable } from "./pulled-content.ts";
import type { ManifestRecord, PulledRecords } from "./pulled-records.ts";
import type { UseOrder } from "./use-order.ts";

/** What LocalPulledContent is made of. */
export interface LocalParts {
  records: PulledRecords;
  store: Store;
  content: ContentStore;
  blobUses: UseOrder;
  manifestUses: UseOrder;
  pins: PinnedImages;
  space: ContentSpace;
  holds: ContentHolds;
  /** Manifests ready to send, by digest. */
  ready: LRUCache<Digest, { record: ManifestRecord; body: Buffer }>;
  now: () => number;
}

/** For `catch`: a disk that is full or broken is a place that cannot be reached; all else is thrown on. */
export function unavailable(cause: unknown): never {
  if (cause instanceof Error && "code" in cause && "syscall" in cause) {
    throw new ContentUnavailable(`what was pulled cannot be kept or read: ${cause.message}`, { cause });
  }
  throw cause;
}
