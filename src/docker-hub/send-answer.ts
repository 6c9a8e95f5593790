import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
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
  const body = bodyOf(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.size });
  if (request.method === "HEAD" || body.size === 0) return void response.end();
  const { bytesPerSecond, cutAfter, onBytes } = delivery;
  if (Buffer.isBuffer(body.content) && bytesPerSecond === undefined && cutAfter === undefined) {
    onBytes(body.size);
    return void response.end(body.content);
  }
  response.flushHeaders();
  const bytes = paceBytes(body.read(0, Math.min(body.size, cutAfter ?? body.size)), bytesPerSecond, onBytes);
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), response, { end: cutAfter === undefined });
  } catch {
    // The client went away, or its connection was ended with the simulator.
    return;
  }
  // Not `destroy`: what was written before is to arrive.
  if (cutAfter !== undefined) response.socket?.end();
}

function bodyOf(body: SimulatedAnswer["body"]): SimulatedBlob & { content?: Buffer } {
  if (typeof body !== "string" && !Buffer.isBuffer(body)) return body;
  const content = Buffer.from(body);
  return { ...blobOf(content), content };
}

/** Twenty portions a second are even enough for a client, and few enough for this process. */
const portionsPerSecond = 20;

async function* paceBytes(
  body: Readable,
  bytesPerSecond: number | undefined,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (bytesPerSecond === undefined) {
      onBytes(chunk.length);
      yield chunk;
      continue;
    }
    const portion = Math.max(1, Math.ceil(bytesPerSecond / portionsPerSecond));
    for (let start = 0; start < chunk.length; start += portion) {
      const part = chunk.subarray(start, start + portion);
      await setTimeout((part.length / bytesPerSecond) * 1000);
      onBytes(part.length);
      yield part;
    }
  }
}
