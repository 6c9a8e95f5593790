import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { WireResponse } from "./wire.ts";

/** Sends an answer; a HEAD gets the headers alone. Throws what the body's stream throws. */
export async function sendWireResponse(
  request: IncomingMessage,
  response: ServerResponse,
  { statusCode, headers, body }: WireResponse,
): Promise<void> {
  if (body instanceof Readable) {
    response.writeHead(statusCode, headers);
    await pipeline(body, response);
    return;
  }
  const isHead = request.method === "HEAD";
  // Bytes, because node writes the headers in the encoding of a first chunk that is text.
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  // A HEAD's content-length is the object's, which the operation gives.
  response.writeHead(statusCode, isHead ? headers : { ...headers, "content-length": String(bytes.byteLength) });
  response.end(isHead ? undefined : bytes);
}
