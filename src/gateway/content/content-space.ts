import type { Digest } from "../../oci/digest.ts";
import type { ContentStore } from "../../store/content-store.ts";
import type { ContentHolds } from "./content-holds.ts";
import type { PulledRecords } from "./pulled-records.ts";
import type { UseOrder } from "./use-order.ts";

export interface SpaceLimits {
  /** Of everything that is stored and of what is on its way. */
  maximumBytes: number;
  /** Bytes that the file system still has, where it can be asked. */
  freeBytes?: (() => Promise<number>) | undefined;
}

export interface SpaceParts extends SpaceLimits {
  records: PulledRecords;
  content: ContentStore;
  uses: UseOrder;
  holds: ContentHolds;
  isPinned(digest: Digest): boolean;
}

export interface Reservation {
  /** Makes it at least as large. False where there is no room. */
  grow(size: number): Promise<boolean>;
  release(): void;
}

/** Room for blobs: reserves it, and evicts the blobs that were not pulled for the longest time. */
export interface ContentSpace {
  stats(): { bytes: number; evictions: number };
  add(size: number): void;
  /** Removes a blob from all repositories. */
  dropBlob(digest: Digest): Promise<void>;
  reserve(size: number): Promise<Reservation | undefined>;
}

export function openContentSpace(parts: SpaceParts): ContentSpace {
  const { records, content, uses, holds, maximumBytes, freeBytes, isPinned } = parts;
  const sizes = [...records.blobs.list(), ...records.manifests.list()].map(({ size }) => size);
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let reserved = 0;
  let evictions = 0;
  let turn: Promise<unknown> = Promise.resolve();

  // The record goes first: a process that is killed in between leaves a file that nothing shows.
  function dropBlob(digest: Digest): Promise<void> {
    const record = records.blobs.get(digest);
    if (record !== undefined && records.blobs.delete(digest)) bytes -= record.size;
    uses.forget(digest);
    return content.delete(digest);
  }

  function findEvictable(): Digest | undefined {
    for (const digest of uses.leastRecent()) {
      if (holds.isHeld(digest) || isPinned(digest)) continue;
      return digest;
    }
  }

  /** Manifests are never evicted for room: they are small, and each one costs a counted pull. */
  async function makeRoom(size: number): Promise<boolean> {
    if (size > maximumBytes) return false;
    while (bytes + reserved + size > maximumBytes || (await freeBytes?.().then((free) => free < reserved + size))) {
      const digest = findEvictable();
      if (digest === undefined) return false;
      evictions += 1;
      await dropBlob(digest);
    }
    return true;
  }

  /** One after the other: between the look for room and its reservation nobody else must find the same room. */
  function take(size: number): Promise<boolean> {
    const taken = turn.then(async () => {
      if (!(await makeRoom(size))) return false;
      reserved += size;
      return true;
    });
    turn = taken.catch(() => undefined);
    return taken;
  }

  async function reserve(size: number): Promise<Reservation | undefined> {
    if (!(await take(size))) return undefined;
    let held = size;
    return {
      async grow(wanted) {
        const missing = wanted - held;
        if (missing <= 0) return true;
        if (!(await take(missing))) return false;
        held += missing;
        return true;
      },
      release() {
        reserved -= held;
        held = 0;
      },
    };
  }

  return {
    stats: () => ({ bytes, evictions }),
    add(size) {
      bytes += size;
    },
    dropBlob,
    reserve,
  };
}
