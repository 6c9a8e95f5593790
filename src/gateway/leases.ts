/**
 * Lets one replica at a time do the work of a key. Where the outcome is kept for all, as content is, the work begins by
 * looking whether another one has done it meanwhile. It is for saving requests, never for being right: work may run twice
 * at once where the shared place of the leases is away, or where its holder was slow for `patience` milliseconds.
 */
export interface Leases {
  hold<T>(key: string, work: () => Promise<T>, patience?: number): Promise<T>;
}

/** One process alone, which needs no leave. */
export const noReplicas: Leases = { hold: (_key, work) => work() };
