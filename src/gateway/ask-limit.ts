import { CredentialsUnavailable } from "./credentials/credential-source.ts";
import type { Credentials, Identity } from "./identity.ts";
import { parseRateLimit } from "./parse-rate-limit.ts";
import { readTokenLimit, type TokenLimit } from "./token-limit.ts";
import type { Upstream, UpstreamAnswer } from "./upstream.ts";
import type { UpstreamRegistry } from "./upstream-hosts.ts";

/**
 * What an upstream says is left of an identity's pulls.
 * - `told`: by its headers.
 * - `unlimited`: the answer has no limit headers.
 * - `login-refused`, `no-credentials`: the account's password is wrong, or its source cannot be read.
 * - `too-many-requests`: 429 to a request that is never counted: the abuse limit.
 * - `failed`: no network, or an answer that tells nothing.
 */
export interface LimitAnswer {
  identity: string;
  /** Milliseconds since 1970. */
  time: number;
  outcome: "told" | "unlimited" | "login-refused" | "no-credentials" | "too-many-requests" | "failed";
  limit?: number;
  remaining?: number;
  windowSeconds?: number;
  source?: string;
  /** What the token claims; its window has differed from the headers'. */
  tokenClaim?: TokenLimit;
  /** What went wrong; never a secret. */
  message?: string;
}

export interface AskLimitOptions {
  ask: Upstream;
  registry: UpstreamRegistry;
  now(): number;
  signal: AbortSignal;
}

/** Docker's own image for the purpose: https://docs.docker.com/docker-hub/usage/pulls/ */
const previewRepository = "ratelimitpreview/test";

const maximumBody = 256 * 1024;

/** Asks for a token and then by HEAD, which is not counted. Does not throw for what the upstream or its network does. */
export async function askLimit(identity: Identity, options: AskLimitOptions): Promise<LimitAnswer> {
  try {
    const credentials = await identity.credentials?.();
    return { identity: identity.name, time: options.now(), ...(await exchange(credentials, options)) };
  } catch (error) {
    const outcome = error instanceof CredentialsUnavailable ? "no-credentials" : "failed";
    return { identity: identity.name, time: options.now(), outcome, message: messageOf(error, options.registry) };
  }
}

type Outcome = Omit<LimitAnswer, "identity" | "time">;

async function exchange(credentials: Credentials | undefined, options: AskLimitOptions): Promise<Outcome> {
  const issued = await askToken(credentials, options);
  const body = await readAll(issued);
  const said = saidBy(body);
  if (issued.status === 401) return { outcome: "login-refused", message: said ?? "the token service answers 401" };
  if (issued.status === 429) return { outcome: "too-many-requests", message: said ?? "the token service answers 429" };
  const token = tokenOf(body);
  if (issued.status !== 200 || token === undefined) {
    return { outcome: "failed", message: `the token service answers ${issued.status} without a token` };
  }
  return readAnswer(await askHead(token, options), readTokenLimit(token));
}

function askToken(credentials: Credentials | undefined, { ask, registry, signal }: AskLimitOptions) {
  const host = registry.tokenHosts[0] ?? registry.name;
  const form = new URLSearchParams({ service: "registry.docker.io", scope: `repository:${previewRepository}:pull` });
  if (credentials?.isRefreshToken === true) {
    // https://distribution.github.io/distribution/spec/auth/oauth/
    for (const [name, value] of Object.entries({ grant_type: "refresh_token", client_id: "chubo" }))
      form.set(name, value);
    form.set("refresh_token", credentials.password);
    const body = Buffer.from(form.toString());
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "content-length": String(body.length),
      "user-agent": "chubo",
    };
    return ask({ host, method: "POST", path: "/token", headers, body, signal });
  }
  const authorization =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  const headers = { "user-agent": "chubo", ...(authorization === undefined ? {} : { authorization }) };
  return ask({ host, method: "GET", path: `/token?${form}`, headers, body: undefined, signal });
}

function askHead(token: string, { ask, registry, signal }: AskLimitOptions): Promise<UpstreamAnswer> {
  return ask({
    host: registry.apiHosts[0] ?? registry.name,
    method: "HEAD",
    path: `/v2/${previewRepository}/manifests/latest`,
    headers: {
      "user-agent": "chubo",
      authorization: `Bearer ${token}`,
      accept: "application/vnd.docker.distribution.manifest.v2+json",
    },
    body: undefined,
    signal,
  });
}

function readAnswer({ status, headers, body }: UpstreamAnswer, claim: TokenLimit | undefined): Outcome {
  body.destroy();
  const claimed = claim === undefined ? {} : { tokenClaim: claim };
  const limit = parseRateLimit(headerOf(headers["ratelimit-limit"]));
  const remaining = parseRateLimit(headerOf(headers["ratelimit-remaining"]));
  const source = headerOf(headers["docker-ratelimit-source"]);
  if (limit !== undefined && remaining !== undefined) {
    const windowSeconds = remaining.windowSeconds ?? limit.windowSeconds;
    return {
      ...{ outcome: "told", limit: limit.count, remaining: remaining.count, ...claimed },
      ...(windowSeconds === undefined ? {} : { windowSeconds }),
      ...(source === undefined ? {} : { source }),
    };
  }
  if (status === 429)
    return { outcome: "too-many-requests", message: "the registry answers 429 to a request of any kind" };
  if (status !== 200) return { outcome: "failed", message: `the registry answers ${status} for ${previewRepository}` };
  return { outcome: "unlimited", ...claimed };
}

async function readAll({ body }: UpstreamAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) throw new Error("the token service's answer is longer than 256 KiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tokenOf(body: string): string | undefined {
  const { token, access_token } = parseObject(body);
  return [token, access_token].find((value) => typeof value === "string");
}

/** Docker Hub's token service says what is wrong in `details`. */
function saidBy(body: string): string | undefined {
  const { details, message } = parseObject(body);
  return [details, message].find((value) => typeof value === "string");
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // An answer of another form tells no token and no reason; its status is reported.
    return {};
  }
}

function messageOf(error: unknown, { name }: UpstreamRegistry): string {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof CredentialsUnavailable) return message;
  // Of several addresses that all failed, the error has no message but a code.
  return `${name} cannot be reached: ${message || code}`;
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
