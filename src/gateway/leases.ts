export interface HoldOptions {
  /** Milliseconds that another replica is waited for; then the work begins beside its. */
  patience?: number;
  /** Ends the waiting: the work begins, and finds out by itself. */
  signal?: AbortSignal;
}

/**
 * Lets one replica at a time do the work of a key. Where the outcome is kept for all, as content is, the work begins by
 * looking whether another one has done it meanwhile. It is for saving requests, never for being right: work may run twice
 * at once where the shared place of the leases is away, or where its holder is slow.
 */
export interface Leases {
  hold<T>(key: string, work: () => Promise<T>, options?: HoldOptions): Promise<T>;
}

/** One process alone, which needs no leave. */
export const noReplicas: Leases = { hold: (_key, work) => work() };
