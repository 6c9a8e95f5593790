import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { HeldContent } from "../../store/held-content.ts";
import { type ChecksumInput, startChecksums } from "./object-checksums.ts";
import type { ObjectContent } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";

export type BodyInput = ChecksumInput & { ContentMD5?: string | undefined };

/** Stores a body and holds it; on the way checks what the request says of it. */
export async function receiveBody(content: HeldContent, body: unknown, input: BodyInput): Promise<ObjectContent> {
  const md5 = createHash("md5");
  const checksums = startChecksums(input);
  const expected = readContentMd5(input.ContentMD5);
  let verified: Pick<ObjectContent, "etag" | "checksums"> | undefined;
  async function* inspected(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunksOf(body)) {
      md5.update(chunk);
      checksums.update(chunk);
      yield chunk;
    }
    const etag = md5.digest("hex");
    // Before the end of the stream, so that a body that does not match is never stored.
    if (expected !== undefined && expected !== etag) throw s3Error("BadDigest");
    verified = { etag, checksums: checksums.finish() };
  }
  const holder = `s3/${randomUUID()}`;
  const { digest, size } = await content.write(holder, Readable.from(inspected()));
  if (verified === undefined) throw new Error("the content store did not read the body to its end");
  return { digest, holder, size, ...verified };
}

function readContentMd5(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, "base64");
  if (bytes.length !== 16) throw s3Error("InvalidDigest", { "Content-MD5": header });
  return bytes.toString("hex");
}

function chunksOf(body: unknown): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (body === undefined) return [];
  if (typeof body === "string") return [Buffer.from(body)];
  if (body instanceof Uint8Array) return [body];
  if (body instanceof Readable) return body;
  throw new TypeError("the body of an object must be a string, bytes or a Readable");
}
