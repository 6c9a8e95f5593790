import type { Digest } from "../../oci/digest.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { UseRecord } from "./pulled-records.ts";

/** Milliseconds. What a killed process forgets of who pulled what; the order of eviction needs no better. */
const flushInterval = 60_000;

/** When each digest was last pulled. In memory; the first use is written down at once, further ones in batches. */
export interface UseOrder {
  touch(digest: Digest): void;
  usedAt(digest: Digest): number;
  forget(digest: Digest): void;
  /** From what was not pulled for the longest time on. */
  leastRecent(): Iterable<Digest>;
  count(): number;
  flush(): void;
}

export function openUseOrder(store: Store, records: Collection<UseRecord>, now: () => number): UseOrder {
  const stored = records.list().sort((one, other) => one.usedAt - other.usedAt);
  // A Map keeps the order of insertion: what is touched moves to the end.
  const uses = new Map(stored.map(({ digest, usedAt }) => [digest, usedAt]));
  const unwritten = new Set<Digest>();
  let flushedAt = now();

  function flush(): void {
    flushedAt = now();
    store.transaction(() => {
      for (const digest of unwritten) records.put(digest, { digest, usedAt: uses.get(digest) ?? flushedAt });
    });
    unwritten.clear();
  }

  /** A pull must not fail because a full disk has no room for the time of it; the next minute tries again. */
  function tryFlush(): void {
    try {
      flush();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SQLITE_ERROR") throw error;
    }
  }

  return {
    touch(digest) {
      if (!uses.delete(digest)) records.put(digest, { digest, usedAt: now() });
      uses.set(digest, now());
      unwritten.add(digest);
      if (now() - flushedAt >= flushInterval) tryFlush();
    },
    usedAt: (digest) => uses.get(digest) ?? 0,
    forget(digest) {
      uses.delete(digest);
      unwritten.delete(digest);
      records.delete(digest);
    },
    leastRecent: () => uses.keys(),
    count: () => uses.size,
    flush,
  };
}
