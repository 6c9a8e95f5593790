import type { Credentials, Identity } from "../identities/identity.ts";
import { readBody } from "./read-body.ts";
import type { Send, UpstreamCall, UpstreamReply } from "./upstream-exchange.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** Where and for what a token is asked: a Bearer challenge, read. */
export interface TokenSource {
  realm: URL;
  service: string | undefined;
  /** Space-separated, as the challenge has it. */
  scope: string;
}

export interface TokenServiceOptions {
  name: string;
  now(): number;
  /** Follows redirects, without the credentials. */
  send: Send;
  /** The token service's answer other than 200. Returns what to throw; the body is its own to read. */
  refuse(identity: Identity, reply: UpstreamReply): Promise<UpstreamFailure>;
  /** Told the limit that a token claims for its pulls, which Docker Hub's do. */
  onPullLimit(identity: Identity, limit: number): void;
}

export interface FetchedToken {
  value: string;
  /** Milliseconds since 1970. */
  usableUntil: number;
}

/** What a token service means that does not say how long: https://distribution.github.io/distribution/spec/auth/token/ */
const defaultLifetimeSeconds = 60;
const maximumAnswer = 1024 * 1024;

/** Asks the token service of a challenge. Throws UpstreamFailure. */
export async function fetchToken(
  { name, now, send, refuse, onPullLimit }: TokenServiceOptions,
  identity: Identity,
  source: TokenSource,
  repository: string,
): Promise<FetchedToken> {
  const credentials = await getCredentials(name, identity);
  const time = now();
  const reply = await send(tokenCall(source, repository, identity, credentials));
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

/**
 * Basic credentials go by GET, which every token service knows. A refresh token has a form of its own:
 * https://distribution.github.io/distribution/spec/auth/oauth/
 */
function tokenCall(
  { realm, service, scope }: TokenSource,
  repository: string,
  identity: Identity,
  credentials: Credentials | undefined,
): UpstreamCall {
  const call = { kind: "token", identity: identity.name, repository, reference: "" } as const;
  const headers = { accept: "application/json" };
  if (credentials?.isRefreshToken) {
    const secret = { grant_type: "refresh_token", client_id: "chubo", refresh_token: credentials.password };
    const form = new URLSearchParams({ ...secret, ...(service === undefined ? {} : { service }), scope });
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return {
      ...call,
      method: "POST",
      url: realm,
      headers: { ...headers, ...type },
      body: Buffer.from(form.toString()),
    };
  }
  const url = new URL(realm);
  for (const part of scope.split(" ")) if (part !== "") url.searchParams.append("scope", part);
  if (service !== undefined) url.searchParams.set("service", service);
  if (credentials === undefined) return { ...call, method: "GET", url, headers };
  url.searchParams.set("account", credentials.username);
  return { ...call, method: "GET", url, headers: { ...headers, authorization: formatBasic(credentials) } };
}

async function readFields(name: string, reply: UpstreamReply): Promise<Record<string, unknown>> {
  try {
    const text = (await readBody(reply.body, maximumAnswer)).toString("utf8");
    const fields: unknown = JSON.parse(text);
    if (typeof fields === "object" && fields !== null) return fields as Record<string, unknown>;
  } catch (error) {
    if (error instanceof UpstreamFailure) throw error;
  }
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

export function formatBasic({ username, password }: Credentials): string {
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
