import type { Readable } from "node:stream";
import type { Digest } from "../oci/digest.ts";
import type { ContentStore, ContentWriter, StoredContent } from "./content-store.ts";
import type { Store } from "./store.ts";

/**
 * A content store whose users say what they hold: content goes when its last holder releases it. Holders are names
 * such as `ecr/eu-west-1/app` or `s3/BUCKET/VERSION`; every user of one content store must go through one of these.
 */
export interface HeldContent extends Pick<ContentStore, "size" | "read" | "readAll"> {
  /** Stores and holds in one step, so that nobody's release comes between. */
  write(holder: string, content: Readable | Uint8Array, expected?: Digest): Promise<StoredContent>;
  startWrite(holder: string): Promise<ContentWriter>;
  hold(holder: string, digest: Digest): void;
  release(holder: string, digest: Digest): void;
}

/** Also removes what an earlier process released and had no time to remove. */
export function holdContent(store: Store, content: ContentStore): HeldContent {
  const holds = store.collection<1>("content-hold");
  const counts = store.collection<number>("content-hold-count");
  const garbage = store.collection<Digest>("content-garbage");
  let writes = 0;

  function hold(holder: string, digest: Digest): void {
    const key = `${digest} ${holder}`;
    store.transaction(() => {
      if (holds.get(key) !== undefined) return;
      holds.put(key, 1);
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

  async function whileWriting<R>(work: () => Promise<R>): Promise<R> {
    writes += 1;
    try {
      return await work();
    } finally {
      writes -= 1;
      sweep();
    }
  }

  async function finishHeld(holder: string, finish: () => Promise<StoredContent>): Promise<StoredContent> {
    return whileWriting(async () => {
      const stored = await finish();
      hold(holder, stored.digest);
      return stored;
    });
  }

  sweep();
  return {
    size: content.size,
    read: content.read,
    readAll: content.readAll,
    hold,
    release,
    write: (holder, body, expected) => finishHeld(holder, () => content.write(body, expected)),
    async startWrite(holder) {
      const writer = await content.startWrite();
      return {
        get size() {
          return writer.size;
        },
        append: writer.append,
        discard: writer.discard,
        finish: (expected, algorithm) => finishHeld(holder, () => writer.finish(expected, algorithm)),
      };
    },
  };
}
