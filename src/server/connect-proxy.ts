import { connect, type Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { parseAuthority } from "./route-request.ts";
import type { TunnelLedger } from "./tunnel-ledger.ts";

/** What CONNECT needs of the port. */
export interface ConnectProxy {
  /** True for hosts whose TLS is ended here. */
  serves(host: string): boolean;
  secureContextFor(host: string): Promise<SecureContext>;
  /** Takes the plain side of a TLS connection that a client opened to `host`. */
  onPlain(socket: TLSSocket, host: string): void;
  /** Whether hosts that are not served are passed on: not on an address that strangers reach. */
  tunnels: boolean;
  ledger: TunnelLedger;
  /** Every socket that this proxy opens goes through here, so that the port can end it. */
  track<Tracked extends Socket>(socket: Tracked): Tracked;
  now(): Date;
}

/** A client that says nothing after CONNECT would otherwise hold its socket for ever. */
const handshakeTimeout = 60_000;

/**
 * Serves one CONNECT. Port 443 of a served host is opened with a certificate of ours;
 * everything else is passed on byte for byte and never opened.
 */
export async function serveConnect(target: string, client: Socket, head: Buffer, proxy: ConnectProxy): Promise<void> {
  // A client may vanish at any point; `close` follows and tells the rest.
  client.on("error", () => client.destroy());
  client.setTimeout(0);
  const authority = parseAuthority(target);
  if (authority?.port === undefined) {
    return refuse(client, "400 Bad Request", "CONNECT needs HOST:PORT");
  }
  const { host, port } = authority;
  if (port === 443 && proxy.serves(host)) {
    try {
      await openTls(host, client, head, proxy);
    } catch (error) {
      refuse(client, "502 Bad Gateway", `no certificate could be made for ${host}: ${(error as Error).message}`);
    }
    return;
  }
  if (!proxy.tunnels) return refuse(client, "403 Forbidden", noTunnel(`${host}:${port}`));
  openTunnel({ host, port }, client, head, proxy);
}

export function noTunnel(place: string): string {
  return `${place} is not served here, and this proxy passes on nothing else: it listens on more than this machine`;
}

/** What a proxy that wants a login answers to CONNECT without one. */
export function refuseProxyLogin(client: Socket): void {
  client.on("error", () => client.destroy());
  refuse(
    client,
    `407 Proxy Authentication Required\r\nProxy-Authenticate: ${proxyChallenge}`,
    "this proxy wants a login",
  );
}

export const proxyChallenge = 'Basic realm="chubo"';

async function openTls(host: string, client: Socket, head: Buffer, proxy: ConnectProxy): Promise<void> {
  const [{ TLSSocket }, secureContext] = await Promise.all([import("node:tls"), proxy.secureContextFor(host)]);
  if (client.destroyed) return;
  client.write(established);
  if (head.length > 0) client.unshift(head);
  const secure = proxy.track(
    new TLSSocket(client, {
      isServer: true,
      secureContext,
      ALPNProtocols: ["http/1.1"],
      // The name in the handshake wins: a client may CONNECT to one name and ask for another served one.
      SNICallback(serverName, done) {
        const name = serverName.toLowerCase();
        if (name === host || !proxy.serves(name)) return done(null, secureContext);
        proxy.secureContextFor(name).then((context) => done(null, context), done);
      },
    }),
  );
  secure.on("error", () => secure.destroy());
  client.once("close", () => secure.destroy());
  const timer = setTimeout(() => client.destroy(), handshakeTimeout);
  secure.once("close", () => {
    clearTimeout(timer);
    client.destroy();
  });
  secure.once("secure", () => {
    clearTimeout(timer);
    proxy.onPlain(secure, host);
  });
}

function openTunnel(to: { host: string; port: number }, client: Socket, head: Buffer, proxy: ConnectProxy): void {
  const upstream = proxy.track(connect({ ...to, allowHalfOpen: true }));
  const record = proxy.ledger.open({ kind: "tunnel", ...to, time: proxy.now().getTime() }, () => ({
    bytesUp: upstream.bytesWritten,
    bytesDown: upstream.bytesRead,
  }));
  let isConnected = false;
  upstream.once("connect", () => {
    isConnected = true;
    if (client.destroyed) return upstream.destroy();
    client.write(established);
    if (head.length > 0) upstream.write(head);
    // `pipe` keeps the pace of the slower side, and passes the end of one direction on while the other goes on.
    client.pipe(upstream);
    upstream.pipe(client);
    for (const socket of [client, upstream]) socket.setKeepAlive(true, 60_000);
  });
  upstream.on("error", (error) => {
    if (isConnected) return breakOff(client);
    refuse(client, "502 Bad Gateway", `${to.host}:${to.port} cannot be reached: ${describeError(error)}`);
  });
  upstream.once("close", () => {
    record.close();
    if (isConnected && !isFinished(upstream)) breakOff(client);
  });
  client.once("close", () => {
    if (!isConnected || !isFinished(client)) upstream.destroy();
  });
}

/** False for a socket that broke off: then what the other side still holds has no reader. */
function isFinished(socket: Socket): boolean {
  return socket.readableEnded && socket.writableFinished;
}

/** Ends a side so that it cannot take what it got for the whole: with a reset, as the other side did. */
function breakOff(socket: Socket): void {
  // A TLS socket, through which nobody is known to send CONNECT, knows no reset.
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** A failed connection to several addresses has its reasons inside. */
export function describeError(error: Error): string {
  const reasons = error instanceof AggregateError ? error.errors.map(String) : [error.message];
  return [...new Set(reasons)].join("; ") || error.name;
}

const established = "HTTP/1.1 200 Connection Established\r\n\r\n";

function refuse(client: Socket, status: string, reason: string): void {
  if (client.destroyed || client.writableEnded) return;
  const body = `chubo: ${reason}\n`;
  const head = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  client.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`, () => client.destroy());
}
