import { createPullCounter } from "./pull-counter.ts";
import type { PullLimit } from "./pull-limit.ts";
import { type SimulatedAnswer, textAnswer } from "./simulated-answer.ts";

/** Undefined while the address may go on. */
export type AbuseLimit = (address: string) => SimulatedAnswer | undefined;

/**
 * Requests of any kind in a minute, by address, whoever is logged in. It is refused by what stands before the registry:
 * in plain text, which docker reports as `error parsing HTTP 429 response body: invalid character 'T'`.
 */
export function createAbuseLimit(requestsPerMinute: number, now: () => number): AbuseLimit {
  const counter = createPullCounter();
  const limit: PullLimit = {
    limit: requestsPerMinute,
    windowSeconds: 60,
    window: "rolling",
    manifestGetsPerPull: 1,
    countRejected: false,
  };
  return (address) =>
    counter.count(address, now(), limit).allowed
      ? undefined
      : textAnswer(429, "Too Many Requests (HAP429).\n", { "retry-after": "60", connection: "close" });
}
