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
  /** `size` is negative where they go. */
  addManifest(size: number): void;
  addBlob(digest: Digest, size: number): void;
  /** Removes a blob from all repositories. */
  dropBlob(digest: Digest): Promise<void>;
  reserve(size: number): Promise<Reservation | undefined>;
}

export function openContentSpace(parts: SpaceParts): ContentSpace {
  const { records, content, uses, holds, maximumBytes, freeBytes, isPinned } = parts;
  const sizes = new Map(records.blobs.list().map(({ digest, size }) => [digest, size]));
  let bytes = sumOf(sizes.values()) + sumOf(records.manifests.list().map(({ size }) => size));
  let reserved = 0;
  let evictions = 0;
  let turn: Promise<unknown> = Promise.resolve();

  // The record goes first: a process that is killed in between leaves a file that nothing shows.
  function dropBlob(digest: Digest): Promise<void> {
    records.blobs.delete(digest);
    uses.forget(digest);
    bytes -= sizes.get(digest) ?? 0;
    sizes.delete(digest);
    return content.delete(digest);
  }

  function* evictable(): Generator<Digest> {
    for (const digest of uses.leastRecent()) if (!holds.isHeld(digest) && !isPinned(digest)) yield digest;
  }

  /** Bytes by which what is here and on its way is too much for `size` more. */
  async function findExcess(size: number): Promise<number> {
    const wanted = reserved + size;
    const free = (await freeBytes?.()) ?? Number.POSITIVE_INFINITY;
    return Math.max(bytes + wanted - maximumBytes, wanted - free);
  }

  /**
   * Manifests are never evicted for room: they are small, and each one costs a counted pull. Nothing goes for a blob that
   * would not fit all the same.
   */
  async function makeRoom(size: number): Promise<boolean> {
    const excess = await findExcess(size);
    if (excess <= 0) return true;
    const going = findEnough(evictable(), sizes, excess);
    if (going === undefined) return false;
    evictions += going.length;
    await Promise.all(going.map(dropBlob));
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

  return {
    stats: () => ({ bytes, evictions }),
    addManifest(size) {
      bytes += size;
    },
    addBlob(digest, size) {
      bytes += size;
      sizes.set(digest, size);
    },
    dropBlob,
    reserve: (size) =>
      reserve(
        take,
        (released) => {
          reserved -= released;
        },
        size,
      ),
  };
}

function sumOf(sizes: Iterable<number>): number {
  let sum = 0;
  for (const size of sizes) sum += size;
  return sum;
}

/** The first of them that have so many bytes together; undefined where all of them have fewer. */
function findEnough(digests: Iterable<Digest>, sizes: Map<Digest, number>, wanted: number): Digest[] | undefined {
  const found: Digest[] = [];
  let bytes = 0;
  for (const digest of digests) {
    found.push(digest);
    bytes += sizes.get(digest) ?? 0;
    if (bytes >= wanted) return found;
  }
}

async function reserve(
  take: (size: number) => Promise<boolean>,
  giveBack: (size: number) => void,
  size: number,
): Promise<Reservation | undefined> {
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
      giveBack(held);
      held = 0;
    },
  };
}
