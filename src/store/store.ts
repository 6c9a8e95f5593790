/** Records of one kind under a string key, in key order. Values are plain JSON; what comes out is a copy. */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  /** False where there was nothing under the key. */
  delete(key: string): boolean;
  /** Values whose key begins with `prefix`, in key order. */
  list(prefix?: string): T[];
  /** Another number than before, whenever what `get` and `list` give may be other than before. */
  version(): number;
}

/** Durable records. Synchronous: an operation reads, decides and writes without another one in between. */
export interface Store {
  collection<T>(name: string): Collection<T>;
  /** All of the writes in `work`, or none of them where it throws. Nests. */
  transaction<R>(work: () => R): R;
  close(): void;
}
