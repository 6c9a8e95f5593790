import { isDigest } from "../oci/digest.ts";
import { isRepositoryName, isTag } from "../oci/image-reference.ts";
import { followRedirects } from "./follow-redirects.ts";
import type { Identity, IdentityPool } from "./identity.ts";
import { discardBody } from "./read-body.ts";
import { type RetryOptions, retryRequest } from "./retry-request.ts";
import { type Authorization, createUpstreamAuthorization } from "./upstream-authorization.ts";
import type { UpstreamCall, UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { createUpstreamRefusals } from "./upstream-refusals.ts";
import { createUpstreamTokens } from "./upstream-tokens.ts";
import type { UpstreamWire } from "./upstream-wire.ts";

export interface UpstreamQuestion {
  kind: UpstreamCall["kind"];
  method: "GET" | "HEAD";
  /** Below the registry's API, with its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  repository: string;
  /** Tag or digest; empty for lists. */
  reference: string;
}

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
  const { now } = retry;
  const send = followRedirects(name, wire.send);
  const refusals = createUpstreamRefusals({ name, pool, now });
  const tokens = createUpstreamTokens({
    name,
    now,
    send,
    refuse: refusals.ofTokenService,
    // What the claim says of the window has differed from the answers' `w=`, which are believed.
    onPullLimit: (identity, limit) =>
      pool.observe(identity, { status: 200, headers: { "ratelimit-limit": `${limit}` } }),
  });
  const authorization = createUpstreamAuthorization({ name, tokens, isMapped: wire.isMapped });

  function call(question: UpstreamQuestion, identity: Identity, { header }: Authorization): UpstreamCall {
    const { kind, method, path, repository, reference } = question;
    const isNamed = reference === "" || isTag(reference) || isDigest(reference);
    // With dots or a query in it, a name would ask for something else.
    if (!isRepositoryName(repository) || !isNamed) throw new Error(`${path} is no path of a registry`);
    const headers = { ...question.headers, ...(header === undefined ? {} : { authorization: header }) };
    const url = new URL(`https://${wire.apiHost}${path}`);
    return { kind, method, url, headers, identity: identity.name, repository, reference };
  }

  async function askAs(identity: Identity, question: UpstreamQuestion): Promise<UpstreamReply> {
    refusals.checkAddress();
    const used = await authorization.prepare(identity, question.repository);
    let reply = await send(call(question, identity, used));
    if (reply.status === 401 && reply.url.host === wire.apiHost) {
      const challenge = reply.headers["www-authenticate"];
      const renewed = await authorization.renew(identity, question.repository, used, challenge).catch((error) => {
        discardBody(reply.body);
        throw error;
      });
      if (renewed !== undefined) {
        discardBody(reply.body);
        reply = await send(call(question, identity, renewed));
      }
    }
    if (isAnswer(reply.status)) {
      if (reply.url.host === wire.apiHost) pool.observe(identity, reply);
      return reply;
    }
    throw reply.url.host === wire.apiHost ? await refusals.ofRegistry(identity, reply) : refusals.ofOtherHost(reply);
  }

  return {
    name,
    async ask(question, read) {
      let failure: UpstreamFailure | undefined;
      for (const identity of identitiesFor(pool, question)) {
        try {
          return await retryRequest(retry, async () => read(await askAs(identity, question)));
        } catch (error) {
          const isOthersTurn =
            error instanceof UpstreamFailure && (error.kind === "denied" || error.kind === "pull-limit");
          if (!isOthersTurn) throw error;
          // A limit passes with time, so that is what to tell of the two.
          if (failure?.kind !== "pull-limit") failure = error;
        }
      }
      if (failure?.kind === "denied") throw failure;
      throw exhausted(name, pool, now(), failure);
    },
  };
}

function isAnswer(status: number): boolean {
  return (status >= 200 && status < 300) || status === 404 || status === 416;
}

/** What is not counted may also be asked as one whose pulls are spent. */
function identitiesFor(pool: IdentityPool, { kind, method }: UpstreamQuestion): Identity[] {
  const ready = pool.candidates();
  if (kind === "manifest" && method === "GET") return ready;
  const resting = pool.standings().map(({ identity }) => identity);
  return [...ready, ...resting.filter(({ name }) => ready.every((candidate) => candidate.name !== name))];
}

function exhausted(name: string, pool: IdentityPool, now: number, last: UpstreamFailure | undefined): UpstreamFailure {
  const free = pool.nextFree();
  const retryAfter = free === undefined ? last?.retryAfter : Math.max(0, free - now);
  return new UpstreamFailure("pull-limit", last?.message ?? `nobody may pull from ${name} now`, {
    ...(last?.status === undefined ? {} : { status: last.status }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    cause: last,
  });
}
