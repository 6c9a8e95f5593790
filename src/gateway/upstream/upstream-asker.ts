import { isDigest } from "../../oci/digest.ts";
import { isRepositoryName, isTag } from "../../oci/image-reference.ts";
import type { Identity, IdentityPool } from "../identities/identity.ts";
import { followRedirects } from "./follow-redirects.ts";
import { discardBody } from "./read-body.ts";
import { type Authorization, createUpstreamAuthorization } from "./upstream-authorization.ts";
import type { UpstreamCall, UpstreamReply } from "./upstream-exchange.ts";
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

/** Asks once, as one identity. Resolves for 2xx, 404 and 416; all else throws UpstreamFailure. */
export interface UpstreamAsker {
  askAs(identity: Identity, question: UpstreamQuestion): Promise<UpstreamReply>;
  /** Throws while the upstream wants nothing from this address. */
  checkAddress(): void;
}

export interface UpstreamAskerOptions {
  name: string;
  pool: IdentityPool;
  wire: UpstreamWire;
  now(): number;
}

export function createUpstreamAsker({ name, pool, wire, now }: UpstreamAskerOptions): UpstreamAsker {
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
      const renewed = await authorization.renew(identity, question.repository, used, challenge).catch(async (error) => {
        await discardBody(reply.body);
        throw error;
      });
      if (renewed !== undefined) {
        await discardBody(reply.body);
        reply = await send(call(question, identity, renewed));
      }
    }
    if (isAnswer(reply.status)) {
      if (reply.url.host === wire.apiHost) pool.observe(identity, reply);
      return reply;
    }
    throw reply.url.host === wire.apiHost ? await refusals.ofRegistry(identity, reply) : refusals.ofOtherHost(reply);
  }

  return { askAs, checkAddress: refusals.checkAddress };
}

function isAnswer(status: number): boolean {
  return (status >= 200 && status < 300) || status === 404 || status === 416;
}
