// The one port: AWS endpoint, registry, pull-through and HTTPS proxy behind one address. Told apart in route-request.ts.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createServer } from "../node-http.ts";
import { answerText } from "./answer-text.ts";
import { type DrainOptions, trackAnswers } from "./answers-in-flight.ts";
import type { CertificateAuthority } from "./certificate-authority.ts";
import { type ConnectProxy, noTunnel, proxyChallenge, refuseProxyLogin, serveConnect } from "./connect-proxy.ts";
import { forwardRequest } from "./forward-request.ts";
import { createKnownHosts, type KnownHosts } from "./known-hosts.ts";
import { type ListenOptions, listenOnPort } from "./listen-on-port.ts";
import { type PortHandlers, routeRequest, servesHost } from "./route-request.ts";
import { openTunnelLedger, type TunnelRecord } from "./tunnel-ledger.ts";

export interface OnePortOptions extends ListenOptions {
  authority: Pick<CertificateAuthority, "secureContextFor">;
  handlers: PortHandlers;
  /** What a request is told that is for none of the parts. */
  refusal?: string;
  /** The port itself speaks TLS, with this certificate and key in PEM. */
  tls?: { certificate: string; key: string };
  /** Whether what is for hosts that are not served is passed on; yes where absent. */
  tunnels?: boolean;
  /** Whom the proxy serves, by their `Proxy-Authorization`; all where absent. */
  admitsToProxy?(request: IncomingMessage): boolean;
  /** Connections on which nothing moves for so long are ended; never where absent. */
  idleMilliseconds?: number;
  /** Is told each tunnelled or forwarded exchange when it has ended. */
  onTunnel?(record: TunnelRecord): void;
  /** Is told what a handler threw: a defect. The client has got a 500. */
  onDefect?(error: unknown, request: IncomingMessage): void;
  now(): Date;
}

export interface OnePort {
  port: number;
  /** `http://HOST:PORT`. */
  url: string;
  /** Traffic that was passed on unread, open tunnels included, oldest first. */
  tunnels(): TunnelRecord[];
  /** Takes no further connection, and resolves when the answers in flight are given, or when the time is up; then `close` it. */
  drain(options: DrainOptions): Promise<void>;
  /** Ends the port and every connection at once. */
  close(): Promise<void>;
}

/** Large layers and image indexes take minutes, and session tokens are long. */
const serverOptions = {
  requestTimeout: 0,
  headersTimeout: 60_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 64 * 1024,
  // Saves a GET the stream of its empty body, a tenth of the time that a short answer takes.
  optimizeEmptyRequests: true,
};

const viaProxy = Symbol("the host that a client reached through the proxy");

/** The host that a client named in its CONNECT; undefined for one that came to the port's own address. */
export function findProxiedHost(request: IncomingMessage): string | undefined {
  return (request.socket as ProxiedSocket)[viaProxy];
}

type ProxiedSocket = Socket & { [viaProxy]?: string };

export async function openOnePort(options: OnePortOptions): Promise<OnePort> {
  const ledger = openTunnelLedger((record) => options.onTunnel?.(record));
  const sockets = new Set<Socket>();
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(serverOptions)
      : (await import("node:https")).createServer({
          ...serverOptions,
          cert: tls.certificate,
          key: tls.key,
          minVersion: "TLSv1.2",
        });
  if (options.idleMilliseconds !== undefined) server.timeout = options.idleMilliseconds;
  const track = <Tracked extends Socket>(socket: Tracked): Tracked => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const proxy: ConnectProxy = {
    serves: (host) => servesHost(host, options.handlers),
    secureContextFor: (host) => options.authority.secureContextFor(host),
    onPlain(socket, host) {
      (socket as ProxiedSocket)[viaProxy] = host;
      // A server of TLS takes what has been opened already by this name.
      server.emit(tls === undefined ? "connection" : "secureConnection", socket);
    },
    tunnels: options.tunnels ?? true,
    ledger,
    track,
    now: options.now,
  };
  server.on("connection", track);
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (options.admitsToProxy?.(request) === false) return refuseProxyLogin(socket);
    void serveConnect(request.url ?? "", socket, head, proxy);
  });
  const hosts = createKnownHosts(options.handlers);
  const answers = trackAnswers();
  server.on("request", (request, response) => {
    answers.add(response);
    void serveSafely(request, response, options, proxy, hosts);
  });
  const port = await listenOnPort(server, options);
  return {
    port,
    url: `${tls === undefined ? "http" : "https"}://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    tunnels: () => ledger.list(),
    drain: (more) => answers.drain(server, more),
    close: () => closeServer(server, sockets),
  };
}

async function closeServer(server: Server, sockets: Set<Socket>): Promise<void> {
  const ends = [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  const end = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets) socket.destroy();
  await Promise.all([end, ...ends]);
}

async function serveSafely(
  request: IncomingMessage,
  response: ServerResponse,
  options: OnePortOptions,
  proxy: ConnectProxy,
  hosts: KnownHosts,
): Promise<void> {
  // A client that goes away must not end the process; whoever streams to it learns it from the stream.
  request.on("error", () => {});
  response.on("error", () => {});
  try {
    await serveRequest(request, response, options, proxy, hosts);
  } catch (error) {
    if (request.socket.destroyed) return;
    options.onDefect?.(error, request);
    if (response.headersSent) response.destroy();
    else answerText(response, 500, "internal error; this is a defect of chubo's");
  }
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: OnePortOptions,
  proxy: ConnectProxy,
  hosts: KnownHosts,
): Promise<void> {
  const { handlers } = options;
  if (!(request.url ?? "").startsWith("/") && request.url !== "*") {
    const target = takeAbsoluteForm(request);
    if (target === undefined) return answerText(response, 400, "the request's target is no http:// address");
    const isOwn = proxy.serves(target.host) || isOwnAddress(target, request);
    if (!isOwn && !proxy.tunnels) return answerText(response, 403, noTunnel(target.authority));
    if (!isOwn && options.admitsToProxy?.(request) === false) {
      response.setHeader("proxy-authenticate", proxyChallenge);
      return answerText(response, 407, "this proxy wants a login");
    }
    if (!isOwn) return forwardRequest(request, response, target, proxy);
    request.url = target.path;
    request.headers.host = target.authority;
  }
  const host = hosts.parse(request.headers.host ?? "") ?? findProxiedHost(request) ?? "";
  switch (routeRequest(request, host, handlers, hosts.route)) {
    case "aws":
      return handlers.aws.handle(request, response);
    case "registry":
      return handlers.registry.handle(request, response);
    case "gateway":
      return handlers.gateway.handle(host, request, response);
    case "internal":
      return handlers.internal.handle(request, response);
    default:
      request.resume();
      return answerText(response, 404, options.refusal ?? refusal);
  }
}

const refusal =
  "this port is an AWS endpoint (signed requests), a container registry (/v2/) and an HTTPS proxy for builds; " +
  "this request is none of these.";

/** The parts of `GET http://host:port/path`, which clients send to a proxy. */
function takeAbsoluteForm(request: IncomingMessage) {
  const url = URL.parse(request.url ?? "");
  if (url?.protocol !== "http:") return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  // Cut from the text: the parsed form has already rewritten some characters, and signatures cover the original.
  const path = (request.url ?? "").replace(/^http:\/\/[^/?#]*/i, "").replace(/^(?!\/)/, "/");
  return { host, port: url.port === "" ? 80 : Number(url.port), path, authority: url.host };
}

/** A client that proxies everything also sends what is meant for this port itself. */
function isOwnAddress({ host, port }: { host: string; port: number }, { socket }: IncomingMessage): boolean {
  return port === socket.localPort && (host === "localhost" || host === socket.localAddress);
}
