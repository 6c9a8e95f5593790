/** Brings what is written to the disk beside further writes, one sync at a time. */
export interface Flusher {
  /** What was written so far is synced soon. Throws where an earlier sync has failed. */
  begin(): void;
  /** Resolves when all that was begun is done. Throws where a sync has failed: the kernel tells it once only. */
  settle(): Promise<void>;
}

export function createFlusher(sync: () => Promise<void>): Flusher {
  let isAsked = false;
  let running: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;

  async function run(): Promise<void> {
    try {
      while (isAsked) {
        isAsked = false;
        await sync();
      }
    } catch (error) {
      failure = { error };
    } finally {
      running = undefined;
    }
  }

  return {
    begin() {
      if (failure !== undefined) throw failure.error;
      isAsked = true;
      running ??= run();
    },
    async settle() {
      await running;
      if (failure !== undefined) throw failure.error;
    },
  };
}
