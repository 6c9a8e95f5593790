import type { UpstreamClient } from "./upstream/upstream-client.ts";
import { UpstreamFailure } from "./upstream/upstream-failure.ts";

export interface Waiting {
  /** Milliseconds that a manifest is waited for at the most, while no identity has a pull left. */
  maximum: number;
  /** Milliseconds between two tries. */
  interval: number;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/**
 * Holds a manifest's request while no pull is left, and tries again: dockerd and BuildKit go round a mirror that answers
 * 429, straight to Docker Hub, and spend there what others share. The failure is thrown when the wait is over, or at once
 * where it is known to be in vain.
 */
export function waitForPull(client: UpstreamClient, waiting: Waiting): UpstreamClient {
  return {
    ...client,
    async getManifest(repository, reference) {
      const deadline = waiting.now() + waiting.maximum;
      for (;;) {
        try {
          return await client.getManifest(repository, reference);
        } catch (error) {
          const pause = error instanceof UpstreamFailure ? pauseBefore(error, waiting) : undefined;
          if (pause === undefined || waiting.now() + pause > deadline) throw error;
          await waiting.sleep(pause);
        }
      }
    },
  };
}

/** Undefined where another try is no use. */
function pauseBefore({ kind, retryAfter }: UpstreamFailure, { interval }: Waiting): number | undefined {
  if (kind !== "pull-limit" && kind !== "abuse-limit") return undefined;
  return Math.max(interval, retryAfter ?? 0);
}
