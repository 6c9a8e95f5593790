import type { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";
import type { ContentStore, FinishSteps, StoredContent } from "./content-store.ts";
import { createHeldWrites, type HeldWrites } from "./held-writes.ts";
import type { Store } from "./store.ts";

/**
 * A content store whose users say what they hold: content goes when its last holder releases it. Holders are names
 * such as `ecr/eu-west-1/app` or `s3/BUCKET/VERSION`; every user of one content store must go through one of these.
 */
export interface HeldContent extends Pick<ContentStore, "size" | "openFile" | "read" | "readAll">, HeldWrites {
  /**
   * Stores and holds in one step, so that nobody's release comes between. `record` runs in the transaction of the hold:
   * where it throws, nothing is stored.
   */
  write(
    holder: string,
    content: Readable | Uint8Array,
    expected?: Digest,
    record?: (stored: StoredContent) => void,
  ): Promise<StoredContent>;
  hold(holder: string, digest: Digest): void;
  release(holder: string, digest: Digest): void;
  /** Who holds the content. */
  holders(digest: Digest): string[];
}

/** Also removes what an earlier process released, or stored and did not come to hold. */
export function holdContent(store: Store, content: ContentStore, now: () => Date): HeldContent {
  const holds = store.collection<string>("content-hold");
  const counts = store.collection<number>("content-hold-count");
  const garbage = store.collection<Digest>("content-garbage");
  let writes = 0;

  function hold(holder: string, digest: Digest): void {
    const key = `${digest} ${holder}`;
    store.transaction(() => {
      if (holds.get(key) !== undefined) return;
      holds.put(key, holder);
      counts.put(digest, (counts.get(digest) ?? 0) + 1);
      garbage.delete(digest);
    });
  }

  function release(holder: string, digest: Digest): void {
    store.transaction(() => {
      if (!holds.delete(`${digest} ${holder}`)) return;
      const count = (counts.get(digest) ?? 1) - 1;
      if (count > 0) return counts.put(digest, count);
      counts.delete(digest);
      garbage.put(digest, digest);
    });
    // After a transaction that may stand around this call.
    queueMicrotask(sweep);
  }

  /** Not while a write is under way: it may have stored the same content and not hold it yet. */
  function sweep(): void {
    if (writes > 0) return;
    for (const digest of garbage.list()) {
      void content.delete(digest);
      garbage.delete(digest);
    }
  }

  async function finishHeld(
    holder: string,
    finish: (steps: FinishSteps) => Promise<StoredContent>,
    record?: (stored: StoredContent) => void,
  ): Promise<StoredContent> {
    writes += 1;
    try {
      return await finish({
        // Until it is held: the process may die in between.
        announce: (digest) => {
          if (counts.get(digest) === undefined) garbage.put(digest, digest);
        },
        record: (stored) =>
          store.transaction(() => {
            hold(holder, stored.digest);
            record?.(stored);
          }),
      });
    } finally {
      writes -= 1;
      sweep();
    }
  }

  sweep();
  return {
    size: content.size,
    openFile: content.openFile,
    read: content.read,
    readAll: content.readAll,
    hold,
    release,
    holders: (digest) => holds.list(`${digest} `),
    write: (holder, body, expected, record) =>
      finishHeld(holder, (steps) => content.write(body, expected, steps), record),
    ...createHeldWrites(store, content, finishHeld, now),
  };
}
