import type { Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { Agent, request as requestHttp } from "../../node-http.ts";
import { receiveTogether } from "./receive-together.ts";

export type Headers = Record<string, string | string[] | undefined>;

export interface UpstreamRequest {
  host: string;
  method: string;
  /** Path and query. */
  path: string;
  headers: Headers;
  /** Undefined where the request has no body. */
  body: Readable | Buffer | undefined;
  /** The client went away. */
  signal: AbortSignal;
  /** Base URL where `host` is reached, where it is not for `baseUrl` to say. */
  base?: string;
}

export interface UpstreamAnswer {
  status: number;
  headers: Headers;
  /** To be read to its end or destroyed. */
  body: Readable;
}

/** One exchange with a registry. What answers in its place (a cache, another account) is a function around one. */
export type Upstream = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

export interface HttpUpstreamOptions {
  /** `https://HOST`, or a simulator's address; the Host header stays the registry's. */
  baseUrl(host: string): string;
  /** How long a connection may be silent, while waiting for an answer or within one. */
  silenceMilliseconds: number;
  /** How long a connection may take to be ready; as long as it may be silent where absent. */
  connectMilliseconds?: number;
  /** Turns names into addresses, and may refuse to. */
  lookup?: LookupFunction;
  /** Authorities in PEM that are trusted beside the usual ones. */
  ca?: readonly string[];
}

/** Headers of one hop, https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopHeaders = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The headers that go on to the next hop: neither those of this one nor those that `Connection` names. */
export function endToEndHeaders(headers: Headers): Headers {
  const named = String(headers.connection ?? "").toLowerCase();
  const dropped = new Set([...hopHeaders, ...named.split(",").map((name) => name.trim())]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

/** Asks the registries over HTTP(S), on connections that stay open until `close`. */
export function createHttpUpstream(options: HttpUpstreamOptions): { ask: Upstream; close(): void } {
  const schemes: Schemes = { http: { agent: receiveTogether(new Agent({ keepAlive: true })), request: requestHttp } };
  const askOnce = (request: UpstreamRequest) => askUpstream(options, schemes, request);
  return {
    async ask(request) {
      try {
        return await askOnce(request);
      } catch (error) {
        // A kept connection that the registry closed at the same moment; a body that has begun cannot be sent again.
        if (!(error instanceof StaleConnection) || isStream(request.body)) throw error;
        return askOnce(request);
      }
    },
    close() {
      schemes.http.agent.destroy();
      schemes.https?.agent.destroy();
    },
  };
}

interface Schemes {
  http: { agent: HttpAgent; request: typeof requestHttp };
  /** Loaded with the first request to a real registry: a build that pulls nothing does without TLS. */
  https?: { agent: HttpsAgent; request: typeof requestHttp };
}

async function openScheme(schemes: Schemes, isHttps: boolean, ca: readonly string[] | undefined) {
  if (!isHttps) return schemes.http;
  const { Agent, request } = await import("node:https");
  schemes.https ??= {
    agent: receiveTogether(new Agent({ keepAlive: true, ...(await trust(ca)) })),
    request,
  };
  return schemes.https;
}

/** In a context of its own, since a list of authorities would be read again for each connection. */
async function trust(ca: readonly string[] | undefined) {
  if (ca === undefined) return {};
  const { createSecureContext, getCACertificates } = await import("node:tls");
  return { secureContext: createSecureContext({ ca: [...getCACertificates("default"), ...ca] }) };
}

class StaleConnection extends Error {}

function isStream(body: UpstreamRequest["body"]): body is Readable {
  return body !== undefined && !Buffer.isBuffer(body);
}

async function askUpstream(
  { baseUrl, silenceMilliseconds, connectMilliseconds, lookup, ca }: HttpUpstreamOptions,
  schemes: Schemes,
  request: UpstreamRequest,
): Promise<UpstreamAnswer> {
  const { host, method, path, headers, body, signal } = request;
  const base = new URL(request.base ?? baseUrl(host));
  const hostname = base.hostname.replace(/^\[(.*)\]$/, "$1");
  const isHttps = base.protocol === "https:";
  const scheme = await openScheme(schemes, isHttps, ca);
  const target: RequestOptions = {
    host: hostname,
    ...(base.port === "" ? {} : { port: base.port }),
    // From the base alone: a client's path is never let choose another host.
    path,
    method,
    headers: { ...endToEndHeaders(headers), host },
    ...(isHttps && isIP(hostname) === 0 ? { servername: hostname } : {}),
    agent: scheme.agent,
    timeout: silenceMilliseconds,
    ...(lookup === undefined ? {} : { lookup }),
    signal,
  };
  return new Promise((resolve, reject) => {
    const asked = scheme.request(target, (answer: IncomingMessage) => {
      resolve({ status: answer.statusCode ?? 502, headers: endToEndHeaders(answer.headers), body: answer });
      asked.off("timeout", giveUp).on("timeout", () => endSilentBody(answer, silenceMilliseconds));
    });
    const giveUp = () => asked.destroy(silence(silenceMilliseconds));
    asked.on("timeout", giveUp);
    if (connectMilliseconds !== undefined) {
      asked.once("socket", (socket) => limitConnecting(socket, isHttps, connectMilliseconds));
    }
    asked.on("error", (cause: NodeJS.ErrnoException) => {
      const isStale = asked.reusedSocket && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
      reject(isStale ? new StaleConnection(cause.message, { cause }) : cause);
    });
    if (isStream(body)) {
      // A client that breaks off its upload must not look like one that came to its end.
      body.on("error", () => asked.destroy());
      body.pipe(asked);
    } else {
      asked.end(body);
    }
  });
}

function silence(milliseconds: number): Error {
  return new Error(`silent for ${milliseconds / 1000} seconds`);
}

/** Where bytes wait to be read, it is the reader who is slow. */
function endSilentBody(answer: IncomingMessage, milliseconds: number): void {
  if (answer.readableLength > 0) answer.socket.setTimeout(milliseconds);
  else answer.destroy(silence(milliseconds));
}

/** A kept connection is ready at once. */
function limitConnecting(socket: Socket, isHttps: boolean, milliseconds: number): void {
  if (!socket.connecting) return;
  const late = () => socket.destroy(new Error(`no connection within ${milliseconds / 1000} seconds`));
  const timer = setTimeout(late, milliseconds);
  for (const event of [isHttps ? "secureConnect" : "connect", "close"]) socket.once(event, () => clearTimeout(timer));
}
