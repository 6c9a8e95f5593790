import { setTimeout as sleep } from "node:timers/promises";
import { UpstreamFailure } from "./upstream-failure.ts";

export interface RetryOptions {
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Before the first repetition; doubled for the second. */
  backoffMilliseconds: number;
  /** From the first attempt on: what would begin later is not begun. */
  budgetMilliseconds: number;
  /** Ends the waiting. */
  signal: AbortSignal;
}

const repetitions = 2;
const transient: ReadonlySet<number | undefined> = new Set([undefined, 502, 503, 504]);
/** ECR Public counts by the second: that is waited for here, longer waits are the caller's to decide on. */
const longestWait = 2000;

/** Repeats what failed for a reason that passes by itself. A pull limit does not; each GET beyond it may count too. */
export async function retryRequest<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const { now, budgetMilliseconds, signal } = options;
  const start = now();
  for (let count = 0; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = count < repetitions ? waitAfter(error, count, options) : undefined;
      if (wait === undefined || now() - start + wait > budgetMilliseconds) throw error;
      await sleep(wait, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}

function waitAfter(error: unknown, count: number, options: RetryOptions): number | undefined {
  if (!(error instanceof UpstreamFailure)) return undefined;
  const { kind, status, retryAfter = 0 } = error;
  const isTransient = kind === "unavailable" ? transient.has(status) : kind === "abuse-limit";
  if (!isTransient || retryAfter > longestWait) return undefined;
  // Half of it by chance, so that many who failed together do not come back together.
  const backoff = options.backoffMilliseconds * 2 ** count * (0.5 + options.random() / 2);
  return Math.max(backoff, retryAfter);
}
