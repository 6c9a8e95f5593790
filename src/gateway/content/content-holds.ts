import type { Digest } from "../../oci/digest.ts";

/** What is being read or stored just now: neither evicted nor collected. */
export interface ContentHolds {
  /** The function lets go, once however often it is called. */
  hold(digest: Digest): () => void;
  isHeld(digest: Digest): boolean;
}

export function createContentHolds(): ContentHolds {
  const counts = new Map<Digest, number>();
  return {
    hold(digest) {
      counts.set(digest, (counts.get(digest) ?? 0) + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (counts.get(digest) ?? 1) - 1;
        if (left > 0) counts.set(digest, left);
        else counts.delete(digest);
      };
    },
    isHeld: (digest) => counts.has(digest),
  };
}
