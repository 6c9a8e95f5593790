import { Agent as HttpAgent, type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { parseRateLimit } from "./parse-rate-limit.ts";
import type { PullLedger } from "./pull-ledger.ts";
import { accountOfTokenRequest, openTokenHolders, type TokenHolders } from "./token-holders.ts";
import { findUpstream, type UpstreamRegistry } from "./upstream-hosts.ts";

export interface GatewayOptions {
  /** Base URL of a host: `https://HOST` for the real one, a simulator's address otherwise. The Host header stays. */
  baseUrl(host: string): string;
  ledger: PullLedger;
  now(): number;
}

/** Answers for upstream registries under their real names, and keeps account of what was pulled as whom. */
export interface PullGateway {
  serves(host: string): boolean;
  handle(host: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

/** Headers of one hop, RFC 9110 7.6.1. */
const hopHeaders = new Set(
  "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/** A body of a token service is small; what is larger is passed on unread. */
const maximumTokenBody = 256 * 1024;

const upstreamTimeout = 60_000;

export function createGateway({ baseUrl, ledger, now }: GatewayOptions): PullGateway {
  const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };
  const holders = openTokenHolders();
  const ask = (host: string, request: IncomingMessage, body: Buffer | undefined) =>
    askUpstream(new URL(request.url ?? "/", baseUrl(host)), host, request, body, agents);
  return {
    serves: (host) => findUpstream(host) !== undefined,
    async handle(host, request, response) {
      const upstream = findUpstream(host);
      if (upstream === undefined) return refuse(response, 404, `${host} is no upstream registry`);
      const isToken = upstream.tokenHosts.includes(host) && !(request.url ?? "").startsWith("/v2/");
      const body = isToken && request.method === "POST" ? await buffer(request) : undefined;
      let answer: IncomingMessage;
      try {
        answer = await ask(host, request, body);
      } catch (error) {
        return refuse(response, 502, `${host} cannot be reached: ${(error as Error).message}`);
      }
      if (isToken) return passToken(holders, request, body, answer, response);
      recordPull({ ledger, now, holders }, upstream, request, answer);
      await pass(answer, response);
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function askUpstream(
  url: URL,
  host: string,
  request: IncomingMessage,
  body: Buffer | undefined,
  agents: { "http:": HttpAgent; "https:": HttpsAgent },
): Promise<IncomingMessage> {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !hopHeaders.has(name)));
  const isHttps = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const asked = (isHttps ? requestHttps : requestHttp)(
      url,
      {
        method: request.method ?? "GET",
        headers: { ...headers, host },
        agent: isHttps ? agents["https:"] : agents["http:"],
        timeout: upstreamTimeout,
      },
      resolve,
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer in 60 seconds")));
    asked.on("error", reject);
    // The client went away: nobody waits for the answer.
    request.on("close", () => request.complete || asked.destroy());
    if (body === undefined) request.pipe(asked);
    else asked.end(body);
  });
}

async function pass(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hopHeaders.has(name)));
  response.writeHead(answer.statusCode ?? 502, headers);
  // Whichever side breaks off, the other one is ended; a client sees a cut body, never a short whole one.
  await pipeline(answer, response).catch(() => undefined);
}

/** Passes a token on and remembers, by its hash, whose it is. */
async function passToken(
  holders: TokenHolders,
  request: IncomingMessage,
  body: Buffer | undefined,
  answer: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const length = Number(answer.headers["content-length"] ?? 0);
  if (answer.statusCode !== 200 || length > maximumTokenBody) return pass(answer, response);
  const content = await buffer(answer);
  const form = body === undefined ? undefined : new URLSearchParams(body.toString("utf8"));
  const account = accountOfTokenRequest(request.headers.authorization, form);
  const { token, access_token } = readJson(content);
  if (account !== undefined)
    for (const value of [token, access_token]) if (typeof value === "string") holders.learn(value, account);
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hopHeaders.has(name)));
  response.writeHead(200, { ...headers, "content-length": content.length });
  response.end(content);
}

function readJson(content: Buffer): { token?: unknown; access_token?: unknown } {
  try {
    return JSON.parse(content.toString("utf8")) as object;
  } catch {
    // Compressed or no JSON at all: the client will judge, and the token's holder stays unknown.
    return {};
  }
}

/** A manifest GET is a pull; it was counted where the answer bears limit headers and is no refusal. */
function recordPull(
  { ledger, now, holders }: { ledger: PullLedger; now(): number; holders: TokenHolders },
  upstream: UpstreamRegistry,
  request: IncomingMessage,
  answer: IncomingMessage,
): void {
  const [, repository, reference] = /^\/v2\/(.+)\/manifests\/([^/?]+)/.exec(request.url ?? "") ?? [];
  const status = answer.statusCode ?? 0;
  // 401 is the challenge before the token: nothing was asked for yet.
  if (request.method !== "GET" || repository === undefined || reference === undefined || status === 401) return;
  const remaining = parseRateLimit(headerOf(answer, "ratelimit-remaining"));
  ledger.add({
    time: now(),
    reference: `${upstream.name}/${repository}${reference.includes(":") ? "@" : ":"}${reference}`,
    registry: upstream.name,
    as: holders.accountOf(request.headers.authorization),
    counted: remaining !== undefined && status < 300,
    source: "upstream",
    status,
    ...(remaining === undefined ? {} : { remaining: remaining.count }),
  });
}

function headerOf(answer: IncomingMessage, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code: "UNAVAILABLE", message }] }));
}
