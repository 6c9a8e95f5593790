// Docker Hub's pull limit as arithmetic: no clock, no sockets.
// https://docs.docker.com/docker-hub/usage/pulls/

/** How one address or account is counted. What Docker Hub does today is not fully known, so each doubt is a setting. */
export interface PullLimit {
  /** Pulls in one window. */
  limit: number;
  windowSeconds: number;
  /** `rolling`: each pull is forgotten one window after itself. `fixed`: all at once, one window after the first. */
  window: "rolling" | "fixed";
  /** 2: a pull is up to two manifest GETs, index and image (wording of 2020). 1: each manifest GET is a pull. */
  manifestGetsPerPull: 1 | 2;
  /** Whether a GET that was answered 429 counts as well, as it once did to users who kept retrying. */
  countRejected: boolean;
}

/** Times of the counted manifest GETs of one key, ascending, in milliseconds since 1970. */
export type CountedGets = readonly number[];

export interface CountedGet {
  /** What is counted from now on. */
  gets: CountedGets;
  allowed: boolean;
  /** Whole pulls left after this GET. */
  remaining: number;
}

/** Counts a manifest GET at `time`, which may not lie before the last one. */
export function countManifestGet(gets: CountedGets, time: number, limit: PullLimit): CountedGet {
  const current = inWindow(gets, time, limit);
  const allowed = current.length < capacityOf(limit);
  const counted = allowed || limit.countRejected ? [...current, time] : current;
  return { gets: keepWhatMatters(counted, limit), allowed, remaining: remainingPulls(counted, time, limit) };
}

/** Whole pulls left at `time`; a pull of two GETs is spent by its second one. */
export function remainingPulls(gets: CountedGets, time: number, limit: PullLimit): number {
  const left = capacityOf(limit) - inWindow(gets, time, limit).length;
  return Math.max(0, Math.ceil(left / limit.manifestGetsPerPull));
}

/** The history of a key that others have used until `remaining` pulls are left; all of them at `time`. */
export function getsLeaving(remaining: number, time: number, limit: PullLimit): CountedGets {
  const used = Math.max(0, limit.limit - remaining) * limit.manifestGetsPerPull;
  return new Array<number>(used).fill(time);
}

/** The limit in manifest GETs, which is what the counter sees. */
function capacityOf(limit: PullLimit): number {
  return limit.limit * limit.manifestGetsPerPull;
}

function inWindow(gets: CountedGets, time: number, limit: PullLimit): CountedGets {
  const start = time - limit.windowSeconds * 1000;
  if (limit.window === "rolling") return gets.filter((get) => get > start);
  // The first GET opens the window; whatever is kept belongs to that window.
  const first = gets[0];
  return first !== undefined && first > start ? gets : [];
}

/** Retries that count would grow without bound: no answer depends on more than this. */
function keepWhatMatters(gets: CountedGets, limit: PullLimit): CountedGets {
  const capacity = capacityOf(limit);
  if (gets.length <= capacity) return gets;
  return limit.window === "fixed" ? gets.slice(0, capacity) : gets.slice(gets.length - capacity);
}
