import { documentedLimits } from "../../docker-hub/account-tier.ts";
import { parseRateLimit } from "../upstream/parse-rate-limit.ts";
import { parseRetryAfter } from "../upstream/parse-retry-after.ts";
import { type BudgetWarning, openBudgetWarnings } from "./budget-warnings.ts";
import type { Identity, IdentityPool, IdentityStanding, ObservedAnswer } from "./identity.ts";
import {
  type IdentityRest,
  type IdentityStandings,
  openMemoryStandings,
  type StandingRecord,
} from "./identity-standings.ts";
import { beginRest, limitOf, rereadPause } from "./rest-of-answer.ts";

export interface IdentityPoolOptions {
  /** Milliseconds since 1970. */
  now(): number;
  /** Where what is learnt is kept; this process's memory where absent. */
  standings?: IdentityStandings;
  /** An identity has few pulls left. */
  onBudget?(warning: BudgetWarning): void;
  /** An identity's login is refused; once, until it has worked again. */
  onLoginRefused?(identity: string): void;
}

/**
 * An answer without limit headers tells nothing of the identity: some images are free for everybody, and blobs and
 * lists never carry them. An unlimited account so stays unknown, which counts as full.
 */
export function openIdentityPool(identities: readonly Identity[], options: IdentityPoolOptions): IdentityPool {
  const { now, standings = openMemoryStandings(), onBudget, onLoginRefused } = options;
  const refused = new Set<string>();
  const warnings = openBudgetWarnings((warning) => onBudget?.(warning));

  const recordOf = ({ name }: Identity) => fresh(standings.get(name) ?? {}, now());
  const isResting = ({ rest }: StandingRecord) => rest !== undefined && rest.until > now();

  function rest(name: string, reason: IdentityRest["reason"], record: StandingRecord, wait: number | undefined): void {
    const next = beginRest(reason, record, { time: now(), wait });
    // A longer rest for another reason, as after a refused login, goes on.
    const isCovered = record.rest !== undefined && record.rest.reason !== reason && record.rest.until > next.until;
    standings.put(name, isCovered ? record : { ...record, rest: next });
  }

  function restAll(wait: number | undefined): void {
    for (const { name } of identities) rest(name, "abuse-limit", standings.get(name) ?? {}, wait);
  }

  function refuseLogin(identity: Identity): void {
    // A private image is refused to anonymous with the same status.
    if (identity.credentials === undefined) return;
    const wait = identity.discardCredentials?.() === true ? rereadPause : undefined;
    rest(identity.name, "login", standings.get(identity.name) ?? {}, wait);
    if (wait !== undefined || refused.has(identity.name)) return;
    refused.add(identity.name);
    onLoginRefused?.(identity.name);
  }

  function learn(identity: Identity, answer: ObservedAnswer): void {
    const record = withReading(standings.get(identity.name) ?? {}, answer, now());
    const { limit, remaining } = record;
    if (answer.status === 429) {
      rest(identity.name, "pull-limit", record, parseRetryAfter(answer.headers["retry-after"], now()));
    } else {
      standings.put(identity.name, wakened(record, answer, now()));
      if (answer.status >= 200 && answer.status < 300) refused.delete(identity.name);
    }
    if (limit !== undefined && remaining !== undefined) warnings.check(identity.name, remaining, limit);
  }

  return {
    candidates() {
      const ready = identities.map((identity) => ({ identity, record: recordOf(identity) }));
      const left = ({ remaining = Number.MAX_SAFE_INTEGER }: StandingRecord) => remaining;
      return ready
        .filter(({ record }) => !isResting(record))
        .sort((one, other) => left(other.record) - left(one.record))
        .map(({ identity }) => identity);
    },
    observe(identity, answer) {
      if (answer.status === 401) return refuseLogin(identity);
      if (answer.status !== 429 || limitOf(answer) === "pull-limit") return learn(identity, answer);
      restAll(parseRetryAfter(answer.headers["retry-after"], now()));
    },
    nextFree() {
      const ends = identities
        .map(recordOf)
        .filter(isResting)
        .map((record) => record.rest?.until ?? 0);
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
    standings: () => identities.map((identity) => standingOf(identity, recordOf(identity), now())),
  };
}

/** After a window without news all that was spent has come back: nothing is known. */
function fresh(record: StandingRecord, time: number): StandingRecord {
  const { windowSeconds = documentedLimits.windowSeconds, readAt, rest } = record;
  if (readAt === undefined || time < readAt + windowSeconds * 1000) return record;
  return rest === undefined ? {} : { rest };
}

function withReading(record: StandingRecord, { headers }: ObservedAnswer, time: number): StandingRecord {
  const limit = parseRateLimit(firstValue(headers["ratelimit-limit"]));
  const remaining = parseRateLimit(firstValue(headers["ratelimit-remaining"]));
  const source = firstValue(headers["docker-ratelimit-source"]);
  const windowSeconds = remaining?.windowSeconds ?? limit?.windowSeconds;
  const told = {
    ...(limit === undefined ? {} : { limit: limit.count }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(source === undefined ? {} : { source }),
  };
  if (remaining !== undefined) return { ...record, ...told, remaining: remaining.count, readAt: time };
  // A limit alone is a token's claim, whose window has differed from the answers': it only fills what they left open.
  return { ...told, ...record };
}

/** A pull that is left, or one that was given, ends a rest; a rest of another kind goes on until its end. */
function wakened(record: StandingRecord, { status, headers }: ObservedAnswer, time: number): StandingRecord {
  const { rest, remaining = 0 } = record;
  const tellsPulls = headers["ratelimit-remaining"] !== undefined && remaining > 0;
  if (rest?.reason !== "pull-limit" || status >= 300 || !tellsPulls || rest.until <= time) return record;
  // Headers are only roughly right: the pause stays known, so that a refusal after all doubles it.
  return { ...record, rest: { ...rest, until: time } };
}

function standingOf(identity: Identity, record: StandingRecord, time: number): IdentityStanding {
  const { limit, remaining, windowSeconds, source, rest } = record;
  return {
    identity,
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(source === undefined ? {} : { source }),
    ...(rest === undefined || rest.until <= time ? {} : { restsUntil: rest.until }),
  };
}

function firstValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
