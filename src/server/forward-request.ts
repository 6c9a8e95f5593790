import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import { request as openRequest } from "../node-http.ts";
import { answerText } from "./answer-text.ts";
import { describeError } from "./connect-proxy.ts";
import type { TunnelLedger } from "./tunnel-ledger.ts";

/** A plain HTTP request to a host that the port does not serve, such as apt's. */
export interface ForwardTarget {
  host: string;
  port: number;
  /** Origin form: path and query. */
  path: string;
}

export interface ForwardDependencies {
  ledger: TunnelLedger;
  /** Is told each socket that is opened, so that the port can end it. */
  track(socket: Socket): void;
  now(): Date;
}

/** Headers that belong to one connection and not to the message: RFC 9110, 7.6.1. */
const connectionHeaders = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "proxy-authorization",
  "proxy-authenticate",
  "upgrade",
  "expect",
]);

/** Passes a request on, streams both bodies unread, and counts them. Resolves when the exchange has ended. */
export function forwardRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  target: ForwardTarget,
  deps: ForwardDependencies,
): Promise<void> {
  const counts = { bytesUp: 0, bytesDown: 0 };
  const { host, port } = target;
  const record = deps.ledger.open({ kind: "forward", host, port, time: deps.now().getTime() }, () => ({ ...counts }));
  const outgoing = openRequest({
    ...target,
    method: incoming.method ?? "GET",
    // A connection of its own: an idle one may be closed by the host just when it is used again.
    agent: false,
    headers: requestHeaders(incoming),
  });
  outgoing.once("socket", deps.track);
  incoming.on("data", (chunk: Buffer) => {
    counts.bytesUp += chunk.length;
  });
  // Not `pipeline`: it would end the client's connection before the reason of a failure is written.
  incoming.pipe(outgoing);
  outgoing.once("response", (answer) => relayAnswer(answer, response, counts));
  outgoing.on("error", (error) => {
    incoming.unpipe(outgoing).resume();
    if (response.headersSent) response.destroy();
    else answerText(response, 502, `${host}:${port} cannot be reached: ${describeError(error)}`);
  });
  return new Promise((resolve) => {
    response.once("close", () => {
      if (!response.writableFinished) outgoing.destroy();
      record.close();
      resolve();
    });
  });
}

function relayAnswer(answer: IncomingMessage, response: ServerResponse, counts: { bytesDown: number }): void {
  answer.on("data", (chunk: Buffer) => {
    counts.bytesDown += chunk.length;
  });
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", endToEndHeaders(answer));
  // An answer that breaks off must break off here too, never look complete.
  pipeline(answer, response, (error) => {
    if (error) response.destroy();
  });
}

function requestHeaders(incoming: IncomingMessage): string[] {
  const headers = endToEndHeaders(incoming);
  const hasLength = "content-length" in incoming.headers || "transfer-encoding" in incoming.headers;
  // Without a length, Node would announce a chunked body where there is none.
  return hasLength ? headers : [...headers, ...(incoming.method === "POST" ? ["Content-Length", "0"] : [])];
}

/** Names and values in turn, as they came, without those of the connection and those that `Connection` names. */
function endToEndHeaders(message: IncomingMessage): string[] {
  const named = (message.headers.connection ?? "").toLowerCase().split(",");
  const dropped = new Set([...connectionHeaders, ...named.map((name) => name.trim())]);
  const headers: string[] = [];
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index] as string;
    if (!dropped.has(name.toLowerCase())) headers.push(name, message.rawHeaders[index + 1] as string);
  }
  return headers;
}
