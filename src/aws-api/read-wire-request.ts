import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { PassThrough, type Readable, Transform } from "node:stream";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { AwsError } from "./aws-error.ts";
import type { Credential, CredentialSource } from "./service.ts";
import { findSignature, verifySignature } from "./sigv4.ts";
import type { WireRequest } from "./wire.ts";

/** Largest body of a service that is read whole; AWS's own limits are below that. */
const maximumBody = 16 * 1024 * 1024;
const maximumObject = 5 * 1024 ** 3;

export interface ReadOptions {
  service: string;
  /** The body stays a stream (S3). */
  streams: boolean;
  credentials: CredentialSource;
  region: string;
  now(): Date;
}

export interface VerifiedRequest {
  request: WireRequest;
  credential: Credential;
  region: string;
}

/** Reads a request and verifies whose it is. Throws AwsError for what is unsigned, wrongly signed or too large. */
export async function readWireRequest(message: IncomingMessage, options: ReadOptions): Promise<VerifiedRequest> {
  const [path = "/"] = (message.url ?? "/").split("?");
  const headers = headersOf(message);
  const request: WireRequest = {
    method: message.method ?? "GET",
    host: headers.host ?? "",
    path,
    query: wireQuery(message),
    headers,
    body: message,
  };
  const signature = findSignature(request);
  if (signature === undefined) {
    throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", { statusCode: 403 });
  }
  if (!options.streams) request.body = await readWhole(message);
  const payloadHash = payloadHashOf(request, signature.expires !== undefined);
  const credential = verifySignature(request, signature, payloadHash, options.credentials, options.now());
  if (options.streams) {
    request.body = verifiedStream(message, payloadHash, { signature, secretAccessKey: credential.secretAccessKey });
  } else if (headers["x-amz-content-sha256"] !== undefined && payloadHash !== hashOf(request.body as Buffer)) {
    throw new AwsError("SignatureDoesNotMatch", "The body does not match x-amz-content-sha256.", { statusCode: 403 });
  }
  return { request, credential, region: signature.region === "aws-global" ? options.region : signature.region };
}

export function wireQuery(message: IncomingMessage): URLSearchParams {
  const mark = message.url?.indexOf("?") ?? -1;
  // URLSearchParams takes `+` for a blank; a signature does not.
  return new URLSearchParams(mark < 0 ? "" : message.url?.slice(mark + 1).replaceAll("+", "%2B"));
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(",") : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

async function readWhole(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maximumBody)
      throw new AwsError("RequestEntityTooLarge", "The request is too large.", { statusCode: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function hashOf(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/** S3 sends what it signed in x-amz-content-sha256; the others sign the body's hash; a presigned URL signs neither. */
function payloadHashOf({ headers, body }: WireRequest, isPresigned: boolean): string {
  const given = headers["x-amz-content-sha256"];
  if (given !== undefined) return given;
  if (isPresigned && !Buffer.isBuffer(body)) return "UNSIGNED-PAYLOAD";
  return Buffer.isBuffer(body) ? hashOf(body) : hashOf(Buffer.alloc(0));
}

/** The body without its transfer coding; it fails at its end where it is not what was signed. */
function verifiedStream(
  message: IncomingMessage,
  payloadHash: string,
  signing: NonNullable<Parameters<typeof decodeAwsChunked>[0]>,
): Readable {
  if (payloadHash === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return pipeThrough(message, decodeAwsChunked());
  if (payloadHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))
    return pipeThrough(message, decodeAwsChunked(signing));
  if (payloadHash === "UNSIGNED-PAYLOAD") return pipeThrough(message, new PassThrough());
  return pipeThrough(message, hashVerifier(payloadHash));
}

function hashVerifier(expected: string): Transform {
  const hash = createHash("sha256");
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      hash.update(chunk);
      done(
        length > maximumObject ? new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum size") : null,
        chunk,
      );
    },
    flush(done) {
      const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
      done(hash.digest("hex") === expected ? null : new AwsError("XAmzContentSHA256Mismatch", message));
    },
  });
}

/** `pipe` does not carry an abort of the client on. */
function pipeThrough(message: IncomingMessage, transform: Transform): Readable {
  message.on("error", (error) => transform.destroy(error));
  message.on("aborted", () => transform.destroy(new Error("the client went away")));
  return message.pipe(transform);
}
