/** What is remembered of one identity at one upstream: plain JSON, so that replicas can share it. */
export interface StandingRecord {
  limit?: number;
  remaining?: number;
  windowSeconds?: number;
  source?: string;
  /** Milliseconds since 1970 of the newest answer that told `remaining`. */
  readAt?: number;
  rest?: IdentityRest;
}

export interface IdentityRest {
  reason: "pull-limit" | "abuse-limit" | "login";
  /** Milliseconds since 1970. */
  since: number;
  until: number;
  /** Milliseconds that it was to last when it began; the next one of a series is longer. */
  pause: number;
}

/**
 * The standings of one upstream's identities by name. Both functions are synchronous and never wait for a network: an
 * implementation that shares between replicas answers from its copy, sends what is put, and takes in what others put.
 */
export interface IdentityStandings {
  get(name: string): StandingRecord | undefined;
  put(name: string, record: StandingRecord): void;
}

export function openMemoryStandings(): IdentityStandings {
  const records = new Map<string, StandingRecord>();
  return { get: (name) => records.get(name), put: (name, record) => void records.set(name, record) };
}

/** What two replicas know, in one: the newest reading, and the rest that began last unless that reading ended it. */
export function mergeStandings(one: StandingRecord, other: StandingRecord): StandingRecord {
  const [older, newer] = (one.readAt ?? 0) <= (other.readAt ?? 0) ? [one, other] : [other, one];
  const { rest: _, ...reading } = { ...older, ...newer };
  const rests = [one.rest, other.rest].filter((candidate) => candidate !== undefined);
  const [rest] = rests.sort((a, b) => b.since - a.since || a.until - b.until);
  if (rest === undefined) return reading;
  const { readAt = 0, remaining = 0 } = reading;
  const isEnded = rest.reason === "pull-limit" && readAt > rest.since && remaining > 0;
  return { ...reading, rest: isEnded ? { ...rest, until: Math.min(rest.until, readAt) } : rest };
}
