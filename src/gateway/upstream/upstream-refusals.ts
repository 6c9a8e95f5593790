import type { Identity, IdentityPool } from "../identities/identity.ts";
import { parseRetryAfter } from "./parse-retry-after.ts";
import { readBody } from "./read-body.ts";
import { findRegistryMessage } from "./registry-message.ts";
import { readTooManyRequests } from "./too-many-requests.ts";
import type { UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** Turns refusing answers into failures, and lets the pool learn from them. */
export interface UpstreamRefusals {
  /** Throws while the upstream wants nothing from this address. */
  checkAddress(): void;
  ofRegistry(identity: Identity, reply: UpstreamReply): Promise<UpstreamFailure>;
  ofTokenService(identity: Identity, reply: UpstreamReply): Promise<UpstreamFailure>;
  /** An answer of a host that a redirect led to: what it refuses, the registry did not. */
  ofOtherHost(reply: UpstreamReply): UpstreamFailure;
}

export interface UpstreamRefusalsOptions {
  name: string;
  pool: IdentityPool;
  now(): number;
}

const maximumText = 64 * 1024;

export function createUpstreamRefusals({ name, pool, now }: UpstreamRefusalsOptions): UpstreamRefusals {
  let addressRestsUntil = 0;

  function tooMany(identity: Identity, reply: UpstreamReply, text: string): UpstreamFailure {
    const { status } = reply;
    const { limit, wait } = readTooManyRequests(reply, text, now());
    const words = findRegistryMessage(text) ?? "too many requests";
    if (limit === "pull-limit") {
      pool.observe(identity, { ...reply, limit });
      const message = `${name} refuses the pull of ${identity.name}: ${words}`;
      return new UpstreamFailure("pull-limit", message, {
        status,
        ...(wait === undefined ? {} : { retryAfter: wait }),
      });
    }
    const retryAfter = wait ?? 0;
    if (limit === "abuse-limit") {
      // It is the address's: all identities go out by it.
      addressRestsUntil = Math.max(addressRestsUntil, now() + retryAfter);
      const headers = { ...reply.headers, "retry-after": String(Math.ceil(retryAfter / 1000)) };
      pool.observe(identity, { status, headers, limit });
    }
    return new UpstreamFailure("abuse-limit", `${name} refuses requests: ${words}`, { status, retryAfter });
  }

  return {
    checkAddress() {
      const retryAfter = addressRestsUntil - now();
      if (retryAfter <= 0) return;
      throw new UpstreamFailure("abuse-limit", `${name} is not asked until it takes requests again`, { retryAfter });
    },
    async ofRegistry(identity, reply) {
      const { status } = reply;
      const text = await readText(reply);
      if (status === 429) return tooMany(identity, reply, text);
      if (status >= 500) return unavailable(reply, name, now());
      const words = findRegistryMessage(text) ?? `status ${status}`;
      if (status !== 401 && status !== 403) {
        return new UpstreamFailure("faulty", `${name} answers ${status}: ${words}`, { status });
      }
      // A login that is sent with each request is refused as such; a token that does not reach is no fault of the login.
      const isLogin = /^\s*basic/i.test(String(reply.headers["www-authenticate"] ?? ""));
      if (status === 401 && isLogin && identity.credentials !== undefined) pool.observe(identity, reply);
      return new UpstreamFailure("denied", `${name} denies this to ${identity.name}: ${words}`, { status });
    },
    async ofTokenService(identity, reply) {
      const { status } = reply;
      const text = await readText(reply);
      const what = `the token service of ${name}`;
      const words = findRegistryMessage(text) ?? `status ${status}`;
      if (status === 429 && identity.credentials !== undefined && text.trimStart().startsWith("{")) {
        // Too many logins of one account: the others may go on.
        pool.observe(identity, { ...reply, limit: "pull-limit" });
        return new UpstreamFailure("denied", `${what} locks ${identity.name} out: ${words}`, { status });
      }
      if (status === 429) return tooMany(identity, reply, text);
      if (status >= 500) return unavailable(reply, what, now());
      if (status !== 401 && status !== 403)
        return new UpstreamFailure("faulty", `${what} answers ${status}`, { status });
      if (status === 401 && identity.credentials !== undefined) pool.observe(identity, reply);
      return new UpstreamFailure("denied", `${what} denies ${identity.name}: ${words}`, { status });
    },
    ofOtherHost(reply) {
      reply.body.destroy();
      return unavailable(reply, `${reply.url.host}, where ${name} keeps its content,`, now());
    },
  };
}

function unavailable({ status, headers }: UpstreamReply, what: string, now: number): UpstreamFailure {
  const wait = parseRetryAfter(headers["retry-after"], now);
  const retryAfter = wait === undefined ? {} : { retryAfter: wait };
  return new UpstreamFailure("unavailable", `${what} answers ${status}`, { status, ...retryAfter });
}

/** What was not read in time or in size is no reason to fail otherwise. */
async function readText({ body }: UpstreamReply): Promise<string> {
  try {
    return (await readBody(body, maximumText)).toString("utf8");
  } catch {
    return "";
  }
}
