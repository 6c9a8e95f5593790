import { type CountedGet, type CountedGets, countManifestGet, type PullLimit, remainingPulls } from "./pull-limit.ts";

/** The histories of all keys (addresses, accounts) of one registry. */
export interface PullCounter {
  count(key: string, time: number, limit: PullLimit): CountedGet;
  remaining(key: string, time: number, limit: PullLimit): number;
  replace(key: string, gets: CountedGets): void;
  /** Keys that have been counted, or replaced. */
  keys(): string[];
}

/** More keys than a simulator meets; the oldest is forgotten first, as if its window had passed. */
const maximumKeys = 10_000;

/** `historyOf` is what a key has spent before it is seen. */
export function createPullCounter(historyOf: (key: string) => CountedGets = () => []): PullCounter {
  const histories = new Map<string, CountedGets>();

  function keep(key: string, gets: CountedGets): void {
    histories.set(key, gets);
    const oldest = histories.keys().next().value;
    if (histories.size > maximumKeys && oldest !== undefined) histories.delete(oldest);
  }

  return {
    count(key, time, limit) {
      const counted = countManifestGet(histories.get(key) ?? historyOf(key), time, limit);
      keep(key, counted.gets);
      return counted;
    },
    remaining: (key, time, limit) => remainingPulls(histories.get(key) ?? historyOf(key), time, limit),
    replace: keep,
    keys: () => [...histories.keys()],
  };
}
