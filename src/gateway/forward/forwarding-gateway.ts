import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { createHttpUpstream, type Upstream, type UpstreamRequest } from "../upstream/upstream.ts";
import { findUpstream } from "../upstream/upstream-hosts.ts";
import type { PullLedger } from "./pull-ledger.ts";
import { recordPulls } from "./record-pulls.ts";
import { openTokenHolders } from "./token-holders.ts";
import { watchTokens } from "./watch-tokens.ts";

export interface ForwardingOptions {
  /** Base URL of a host: `https://HOST` for the real one, a simulator's address otherwise. The Host header stays. */
  baseUrl(host: string): string;
  ledger: PullLedger;
  /** Milliseconds since 1970. */
  now(): number;
  /** How long an upstream may be silent before it counts as unreachable; a minute where absent. */
  silenceMilliseconds?: number;
}

/** Answers for upstream registries under their real names, and keeps account of what was pulled as whom. */
export interface ForwardingGateway {
  serves(host: string): boolean;
  /** Resolves when the answer has been written or the client has gone; never rejects. */
  handle(host: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

/** Redirects go to the client, which follows them through the same proxy. */
export function createForwardingGateway(options: ForwardingOptions): ForwardingGateway {
  const { baseUrl, ledger, now, silenceMilliseconds = 60_000 } = options;
  const holders = openTokenHolders(now);
  const http = createHttpUpstream({ baseUrl, silenceMilliseconds });
  const upstream = recordPulls(watchTokens(http.ask, holders, now), { ledger, holders, now });
  return {
    serves: (host) => findUpstream(host) !== undefined,
    async handle(host, request, response) {
      if (findUpstream(host) === undefined) return refuse(response, 404, `${host} is no upstream registry`);
      const gone = new AbortController();
      response.once("close", () => response.writableFinished || gone.abort());
      await answerFrom(upstream, upstreamRequest(host, request, gone.signal), response);
    },
    close: http.close,
  };
}

/** A request that came through a proxy in clear names its whole URL; only its path and query are passed on. */
function upstreamRequest(host: string, request: IncomingMessage, signal: AbortSignal): UpstreamRequest {
  const path = (request.url ?? "/").replace(/^https?:\/\/[^/?]*/i, "");
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== "0");
  return {
    host,
    method: request.method ?? "GET",
    path: path.startsWith("/") ? path : `/${path}`,
    headers: request.headers,
    body: hasBody ? request : undefined,
    signal,
  };
}

async function answerFrom(upstream: Upstream, request: UpstreamRequest, response: ServerResponse): Promise<void> {
  try {
    const answer = await upstream(request);
    response.writeHead(answer.status, answer.headers);
    // Whichever side breaks off, the other one is ended: a client sees a cut body, never a short whole one.
    await pipeline(answer.body, response);
  } catch (error) {
    if (response.headersSent || request.signal.aborted) response.destroy();
    else refuse(response, 502, `${request.host} cannot be reached: ${(error as Error).message}`);
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  // What is left of an upload is not read: the connection cannot serve another request.
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ errors: [{ code: "UNAVAILABLE", message }] }));
}
