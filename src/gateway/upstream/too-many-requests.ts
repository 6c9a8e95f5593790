import { parseRateLimit } from "./parse-rate-limit.ts";
import { parseRetryAfter } from "./parse-retry-after.ts";
import { headerOf, type UpstreamReply } from "./upstream-exchange.ts";

/**
 * Why a registry answered 429.
 * - `pull-limit`: the identity has no pulls left.
 * - `abuse-limit`: the address sends too much of anything.
 * - `rate`: more requests a second than allowed, as ECR Public says it; a short wait is enough.
 */
export interface TooManyRequests {
  limit: "pull-limit" | "abuse-limit" | "rate";
  /** Milliseconds; for `pull-limit` undefined unless the registry said so. */
  wait: number | undefined;
}

/** Docker Hub has said 60 seconds where it said anything. */
const abuseWait = 60_000;
/** ECR Public counts by the second. */
const rateWait = 1000;

/** Registries differ in words only: the status is the same. `text` is empty for an answer to HEAD. */
export function readTooManyRequests(reply: UpstreamReply, text: string, now: number): TooManyRequests {
  const wait = parseRetryAfter(reply.headers["retry-after"], now);
  if (/pull rate limit/i.test(text)) return { limit: "pull-limit", wait };
  if (/rate exceeded/i.test(text)) return { limit: "rate", wait: wait ?? rateWait };
  const remaining = parseRateLimit(headerOf(reply, "ratelimit-remaining"));
  if (remaining?.count === 0) return { limit: "pull-limit", wait };
  return { limit: "abuse-limit", wait: Math.max(wait ?? abuseWait, rateWait) };
}
