import type { Identity } from "./identity.ts";
import { discardBody, readBody } from "./read-body.ts";
import type { Send, UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** Where and for what a token is asked: a Bearer challenge, read. */
export interface TokenSource {
  realm: URL;
  service: string | undefined;
  /** Space-separated, as the challenge has it. */
  scope: string;
}

export interface Token {
  value: string;
  /** It was fetched for this asker, or while it waited: asking for another would give the same. */
  isFresh: boolean;
}

export interface UpstreamTokens {
  get(identity: Identity, source: TokenSource, repository: string): Promise<Token>;
  /** Forgets a token that the registry refused. */
  drop(value: string): void;
}

export interface UpstreamTokensOptions {
  name: string;
  now(): number;
  /** Follows redirects, without the credentials. */
  send: Send;
  /** The token service's answer other than 200. Returns what to throw; the body is its own to read. */
  refuse(identity: Identity, reply: UpstreamReply): Promise<UpstreamFailure>;
  /** Told the limit that a token claims for its pulls, which Docker Hub's do. */
  onPullLimit(identity: Identity, limit: number): void;
}

/** What a token service means that does not say how long: https://distribution.github.io/distribution/spec/auth/token/ */
const defaultLifetimeSeconds = 60;
const maximumTokens = 1000;
const maximumAnswer = 1024 * 1024;

interface Entry {
  token: Promise<{ value: string; usableUntil: number }>;
  value?: string;
}

/** Tokens by identity and scope, each fetched once for all who ask for it at the same time. */
export function createUpstreamTokens(options: UpstreamTokensOptions): UpstreamTokens {
  const { now } = options;
  const entries = new Map<string, Entry>();

  function start(key: string, fetching: Entry["token"]): Entry {
    const entry: Entry = { token: fetching };
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > maximumTokens && oldest !== undefined) entries.delete(oldest);
    const forget = () => entries.get(key) === entry && entries.delete(key);
    fetching.then(({ value }) => {
      entry.value = value;
    }, forget);
    return entry;
  }

  return {
    async get(identity, source, repository) {
      const key = JSON.stringify([identity.name, source.realm.href, source.service, source.scope]);
      const known = entries.get(key);
      if (known?.value !== undefined) {
        const { value, usableUntil } = await known.token;
        if (now() < usableUntil) return { value, isFresh: false };
        if (entries.get(key) === known) entries.delete(key);
      }
      const entry = entries.get(key) ?? start(key, fetchToken(options, identity, source, repository));
      return { value: (await entry.token).value, isFresh: true };
    },
    drop(value) {
      for (const [key, entry] of entries) if (entry.value === value) entries.delete(key);
    },
  };
}

async function fetchToken(
  { name, now, send, refuse, onPullLimit }: UpstreamTokensOptions,
  identity: Identity,
  { realm, service, scope }: TokenSource,
  repository: string,
): Promise<{ value: string; usableUntil: number }> {
  const credentials = await getCredentials(name, identity);
  const url = new URL(realm);
  for (const part of scope.split(" ")) if (part !== "") url.searchParams.append("scope", part);
  if (service !== undefined) url.searchParams.set("service", service);
  if (credentials !== undefined) url.searchParams.set("account", credentials.username);
  const headers: Record<string, string> = { accept: "application/json" };
  if (credentials !== undefined) headers.authorization = formatBasic(credentials);
  const time = now();
  const asked = { kind: "token", method: "GET", identity: identity.name, repository, reference: "" } as const;
  const reply = await send({ ...asked, url, headers });
  if (reply.status !== 200) throw await refuse(identity, reply);
  const { token, access_token, expires_in } = await readFields(name, reply);
  const value = typeof token === "string" && token !== "" ? token : access_token;
  // Anything else could not be sent in a header.
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) {
    throw new UpstreamFailure("faulty", `the token service of ${name} gives no token`);
  }
  const limit = findPullLimit(value);
  if (limit !== undefined) onPullLimit(identity, limit);
  const stated = Number(expires_in);
  const seconds = stated > 0 ? stated : defaultLifetimeSeconds;
  // Renewed a little early: a request is on its way for a while, and clocks differ.
  return { value, usableUntil: time + 1000 * (seconds - Math.min(30, seconds / 5)) };
}

async function readFields(name: string, reply: UpstreamReply): Promise<Record<string, unknown>> {
  try {
    const text = (await readBody(reply.body, maximumAnswer)).toString("utf8");
    const fields: unknown = JSON.parse(text);
    if (typeof fields === "object" && fields !== null) return fields as Record<string, unknown>;
  } catch (error) {
    if (error instanceof UpstreamFailure) throw error;
  }
  discardBody(reply.body);
  // No cause: a part of a token could be in it.
  throw new UpstreamFailure("faulty", `the token service of ${name} answers what is no token`, {
    status: reply.status,
  });
}

/** `username` and `password` of an identity; undefined for the anonymous one. */
export async function getCredentials(name: string, identity: Identity) {
  try {
    return await identity.credentials?.();
  } catch {
    // No cause: whatever it says, it was about a secret.
    throw new UpstreamFailure("denied", `the credentials of ${identity.name} for ${name} cannot be had`);
  }
}

export function formatBasic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Docker Hub's tokens are JWTs with `access[].parameters.pull_limit`, a number as text. */
function findPullLimit(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const access = (claims as { access?: { parameters?: { pull_limit?: unknown } }[] }).access;
    const limit = Number.parseInt(String(access?.[0]?.parameters?.pull_limit), 10);
    return limit >= 0 ? limit : undefined;
  } catch {
    return undefined;
  }
}
