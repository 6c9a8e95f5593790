import type { IncomingMessage, ServerResponse } from "node:http";

/** What the simulator answers, before it is written to a socket. */
export interface SimulatedAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export function jsonAnswer(value: unknown): SimulatedAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** The error body of the distribution specification. */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  more: { headers?: Record<string, string>; detail?: unknown } = {},
): SimulatedAnswer {
  const error = { code, message, ...(more.detail === undefined ? {} : { detail: more.detail }) };
  return {
    status,
    headers: { "content-type": "application/json", ...more.headers },
    body: JSON.stringify({ errors: [error] }),
  };
}

/** A HEAD gets the length of the body that a GET would get. */
export function sendAnswer(answer: SimulatedAnswer, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
  response.end(request.method === "HEAD" ? undefined : answer.body);
}
