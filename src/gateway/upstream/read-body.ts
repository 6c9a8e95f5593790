import type { Readable } from "node:stream";

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** A body up to `maximum` bytes; one that is longer is destroyed and throws BodyTooLarge. */
export async function readBody(body: Readable, maximum: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maximum) throw new BodyTooLarge(`more than ${maximum} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads what nobody wants while it is short, so that its connection can be used again. Never rejects. */
export async function discardBody(body: Readable): Promise<void> {
  await readBody(body, 64 * 1024).catch(() => undefined);
}
