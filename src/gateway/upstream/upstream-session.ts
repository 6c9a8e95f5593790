import type { Identity, IdentityPool } from "../identities/identity.ts";
import { type RetryOptions, retryRequest } from "./retry-request.ts";
import { createUpstreamAsker, type UpstreamQuestion } from "./upstream-asker.ts";
import type { UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { UpstreamWire } from "./upstream-wire.ts";

/** Asks as whoever may: identities, tokens, redirects and repetitions are behind it. */
export interface UpstreamSession {
  /** As references name the registry. */
  name: string;
  /** `read` gets answers of 2xx, 404 and 416 alone, and is repeated with the request where its body breaks off. */
  ask<T>(question: UpstreamQuestion, read: (reply: UpstreamReply) => Promise<T>): Promise<T>;
}

export interface UpstreamSessionOptions {
  name: string;
  pool: IdentityPool;
  wire: UpstreamWire;
  retry: RetryOptions;
}

export function createUpstreamSession({ name, pool, wire, retry }: UpstreamSessionOptions): UpstreamSession {
  const asker = createUpstreamAsker({ name, pool, wire, now: retry.now });
  /** Why an identity rests, for those who ask while it does. */
  const lastWords = new Map<string, UpstreamFailure>();

  return {
    name,
    async ask(question, read) {
      asker.checkAddress();
      const failures: UpstreamFailure[] = [];
      for (const identity of identitiesFor(pool, question)) {
        try {
          return await retryRequest(retry, async () => read(await asker.askAs(identity, question)));
        } catch (error) {
          if (!isOthersTurn(error)) throw error;
          failures.push(error);
          if (isCounted(question)) lastWords.set(identity.name, error);
        }
      }
      const told = mostHopeful(failures);
      if (told?.kind === "denied") throw told;
      throw exhausted(name, pool, retry.now(), told ?? mostHopeful([...lastWords.values()]));
    },
  };
}

function isOthersTurn(error: unknown): error is UpstreamFailure {
  return error instanceof UpstreamFailure && (error.kind === "denied" || error.kind === "pull-limit");
}

/** A limit passes with time. */
function mostHopeful(failures: readonly UpstreamFailure[]): UpstreamFailure | undefined {
  return failures.find(({ kind }) => kind === "pull-limit") ?? failures.at(-1);
}

function isCounted({ kind, method }: UpstreamQuestion): boolean {
  return kind === "manifest" && method === "GET";
}

/** What is not counted may also be asked as one whose pulls are spent. */
function identitiesFor(pool: IdentityPool, question: UpstreamQuestion): Identity[] {
  const ready = pool.candidates();
  if (isCounted(question)) return ready;
  const resting = pool.standings().map(({ identity }) => identity);
  return [...ready, ...resting.filter(({ name }) => ready.every((candidate) => candidate.name !== name))];
}

function exhausted(name: string, pool: IdentityPool, now: number, last: UpstreamFailure | undefined): UpstreamFailure {
  const free = pool.nextFree();
  const retryAfter = free === undefined ? last?.retryAfter : Math.max(0, free - now);
  return new UpstreamFailure(last?.kind ?? "pull-limit", last?.message ?? `nobody may pull from ${name} now`, {
    ...(last?.status === undefined ? {} : { status: last.status }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    cause: last,
  });
}
