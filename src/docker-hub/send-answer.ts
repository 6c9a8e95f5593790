import type { IncomingMessage, ServerResponse } from "node:http";
import type { SimulatedAnswer } from "./simulated-answer.ts";
import { blobOf, type SimulatedBlob } from "./simulated-images.ts";

export interface Delivery {
  /** Of this answer's body; undefined: as fast as the client takes it. */
  bytesPerSecond: number | undefined;
  /** The connection breaks after so many bytes of the body. */
  cutAfter: number | undefined;
  /** Is told the body's bytes as they are sent. */
  onBytes(count: number): void;
}

/** Resolves when the answer is sent, or the client has gone. A HEAD gets the length of the body that a GET would get. */
export async function sendAnswer(
  answer: SimulatedAnswer,
  request: IncomingMessage,
  response: ServerResponse,
  delivery: Delivery,
): Promise<void> {
  const body = toBlob(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.size });
  if (request.method === "HEAD" || body.size === 0) return void response.end();
  if (body.content === undefined || delivery.bytesPerSecond !== undefined || delivery.cutAfter !== undefined) {
    return (await import("./stream-answer.ts")).streamBody(body, response, delivery);
  }
  delivery.onBytes(body.size);
  response.end(body.content);
}

function toBlob(body: SimulatedAnswer["body"]): SimulatedBlob {
  return typeof body === "string" || Buffer.isBuffer(body)
    ? blobOf(typeof body === "string" ? Buffer.from(body) : body)
    : body;
}
