import type { IncomingMessage } from "node:http";
import { protocolError } from "./protocol-error.ts";
import type { Protocol } from "./sdk-schemas.ts";
import type { WireRequest } from "./wire.ts";

/** Largest body that is read whole; AWS's own limits are below that. */
const largestBody = 16 * 1024 * 1024;

/** What a message says before its body is read. */
export function readWireRequest(message: IncomingMessage): WireRequest {
  const { method = "GET", url = "/" } = message;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const path = url.split("?", 1)[0] as string;
  return { method, host: headers.host ?? "", path, query: wireQuery(message), headers, body: message };
}

export function wireQuery({ url = "" }: IncomingMessage): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
}

/** The whole body. Throws the protocol's error for one of more than 16 MiB. */
export async function readWhole(body: Iterable<Buffer> | AsyncIterable<Buffer>, protocol: Protocol): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > largestBody) throw protocolError(protocol, "tooLarge");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
