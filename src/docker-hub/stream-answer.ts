import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import type { Delivery } from "./send-answer.ts";
import type { SimulatedBlob } from "./simulated-images.ts";

/** Sends a body piece by piece, after the head. Resolves when it is sent, or the client has gone. */
export async function streamBody(body: SimulatedBlob, response: ServerResponse, delivery: Delivery): Promise<void> {
  const { bytesPerSecond, cutAfter, onBytes } = delivery;
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
