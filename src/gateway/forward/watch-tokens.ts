import { Readable } from "node:stream";
import type { Upstream, UpstreamRequest } from "../upstream/upstream.ts";
import { findUpstream, hostName } from "../upstream/upstream-hosts.ts";
import type { TokenHolders } from "./token-holders.ts";

/** A form or an answer of a token service is small. */
const maximumBody = 256 * 1024;

/** Token services say 60 seconds where they say nothing. https://distribution.github.io/distribution/spec/auth/token/ */
const defaultLifetimeSeconds = 60;

/** Passes on to `upstream`, and remembers for which account a token was issued. */
export function watchTokens(upstream: Upstream, holders: TokenHolders, now: () => number): Upstream {
  return async (request) => {
    if (!isTokenRequest(request)) return upstream(request);
    const form = request.method === "POST" ? await readForm(request) : undefined;
    // Compressed, the answer could not be read here.
    const { "accept-encoding": _, ...headers } = request.headers;
    const answer = await upstream({ ...request, headers, body: form ?? request.body });
    if (answer.status !== 200) return answer;
    const content = await readAll(answer.body);
    learn(content, accountOf(request, form, holders), holders, now());
    return {
      status: 200,
      headers: { ...answer.headers, "content-length": String(content.length) },
      body: Readable.from([content], { objectMode: false }),
    };
  };
}

function isTokenRequest({ host, path, method }: UpstreamRequest): boolean {
  const isTokenHost = findUpstream(host)?.tokenHosts.includes(hostName(host)) === true;
  return isTokenHost && (method === "GET" || method === "POST") && !path.startsWith("/v2/");
}

function readForm({ body }: UpstreamRequest): Promise<Buffer> | Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return Buffer.isBuffer(body) ? body : readAll(body);
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) throw new Error("more than 256 KiB in a token exchange");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The account that a token was asked for with: Basic credentials, a form's `username`, or an earlier refresh token. */
function accountOf({ headers }: UpstreamRequest, form: Buffer | undefined, holders: TokenHolders): string | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(String(headers.authorization ?? "")) ?? [];
  if (encoded !== undefined) return Buffer.from(encoded, "base64").toString("utf8").split(":")[0];
  const fields = new URLSearchParams(form?.toString("utf8"));
  const refreshToken = fields.get("refresh_token");
  return fields.get("username") ?? (refreshToken === null ? undefined : holders.find(refreshToken));
}

function learn(content: Buffer, account: string | undefined, holders: TokenHolders, time: number): void {
  if (account === undefined) return;
  const { token, access_token, refresh_token, expires_in } = readJson(content);
  const seconds = typeof expires_in === "number" ? expires_in : defaultLifetimeSeconds;
  for (const value of [token, access_token]) {
    if (typeof value === "string") holders.learn(value, account, time + seconds * 1000);
  }
  // Good until it is revoked.
  if (typeof refresh_token === "string") holders.learn(refresh_token, account, Number.POSITIVE_INFINITY);
}

function readJson(content: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(content.toString("utf8")) as Record<string, unknown>;
  } catch {
    // No JSON: the client will judge, and the token's holder stays unknown.
    return {};
  }
}
