import type { Collection } from "./store.ts";

/**
 * `get` of a collection, from memory for as long as nobody writes to the collection: the next read after a write sees it.
 * Values are shared between the callers and must not be changed. What is not there is asked for each time: clients choose
 * such keys.
 */
export function cacheReads<T extends object | string>(
  collection: Collection<T>,
  { maximum = 1000 }: { maximum?: number } = {},
): (key: string) => Readonly<T> | undefined {
  const values = new Map<string, Readonly<T>>();
  let version = collection.version();
  return (key) => {
    const current = collection.version();
    if (current !== version) {
      values.clear();
      version = current;
    }
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = collection.get(key);
    if (value === undefined) return undefined;
    if (values.size >= maximum) values.clear();
    const shared = Object.freeze(value);
    values.set(key, shared);
    return shared;
  };
}
