import { documentedLimits } from "../docker-hub/account-tier.ts";
import type { ObservedAnswer } from "./identity.ts";
import type { IdentityRest, StandingRecord } from "./identity-standings.ts";

const minute = 60_000;

/**
 * How long an identity is left alone, in milliseconds: the first time, and at the most.
 * - `pull-limit`: the window rolls, so pulls come back one by one and no header says when. The first pause is the mean
 *   time in which one does (window / limit), each further refusal doubles it. That refusals count was reported and then
 *   mended (docker/hub-feedback#2197): pauses that grow end even where they do.
 * - `abuse-limit`: Docker Hub has said 60 seconds where it said anything.
 * - `login`: Docker Hub locks an account for 10 minutes after too many refused logins (docker/hub-feedback#2201).
 */
const pauses = {
  "pull-limit": { first: 30_000, longest: 15 * minute },
  "abuse-limit": { first: minute, longest: 15 * minute },
  login: { first: 15 * minute, longest: 6 * 60 * minute },
} as const;

/** Where a login was refused with credentials that had been read a while ago: time for the read of newer ones. */
export const rereadPause = 1000;

/** A 429 for the address (`abuse-limit`) or for the identity. Docker Hub's abuse answer is text and tells no limits. */
export function limitOf({ limit, headers }: ObservedAnswer): "pull-limit" | "abuse-limit" {
  if (limit !== undefined) return limit;
  if (headers["ratelimit-remaining"] !== undefined || headers["ratelimit-limit"] !== undefined) return "pull-limit";
  return /json/i.test(String(headers["content-type"] ?? "")) ? "pull-limit" : "abuse-limit";
}

/** The rest that a refusal begins. `wait` is what the upstream asks for. */
export function beginRest(
  reason: IdentityRest["reason"],
  record: StandingRecord,
  { time, wait }: { time: number; wait: number | undefined },
): IdentityRest {
  const { rest } = record;
  // Requests that were under way when the rest began are the same refusal: they must not make it longer.
  if (rest?.reason === reason && time < rest.until && wait === undefined) return rest;
  const pause = wait ?? nextPause(reason, record, time);
  return { reason, since: time, until: time + pause, pause };
}

function nextPause(reason: IdentityRest["reason"], record: StandingRecord, time: number): number {
  const { first, longest } = pauses[reason];
  const start = reason === "pull-limit" ? Math.max(first, meanReturn(record)) : first;
  const { rest } = record;
  const last = rest?.reason === reason ? rest.pause : 0;
  // A refusal soon after the last pause continues a series; a later one begins anew.
  const isSeries = rest !== undefined && last > 0 && time - rest.since <= 2 * last + minute;
  return Math.min(isSeries ? Math.max(start, 2 * last) : start, longest);
}

/** Milliseconds in which one pull of a full window comes back on average. */
function meanReturn({
  limit = documentedLimits.anonymous,
  windowSeconds = documentedLimits.windowSeconds,
}: StandingRecord) {
  return (windowSeconds * 1000) / Math.max(1, limit);
}
