import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { decodeAwsChunked, incompleteBody } from "./aws-chunked.ts";
import { AwsError } from "./aws-error.ts";
import type { Signature } from "./signature.ts";
import type { WireRequest } from "./wire.ts";

export interface PayloadOptions {
  payloadHash: string;
  /** Absent for SigV2. */
  signature: Signature | undefined;
  secretAccessKey: string;
}

/**
 * The body of an S3 request without its transfer coding, as a stream that fails where it is not what was signed.
 * The request's headers then describe the decoded body.
 */
export function openPayload(message: IncomingMessage, request: WireRequest, options: PayloadOptions): Readable {
  const { payloadHash } = options;
  const source = readMessage(message);
  if (payloadHash === "UNSIGNED-PAYLOAD") return Readable.from(source, { objectMode: false });
  if (!payloadHash.startsWith("STREAMING-")) {
    return Readable.from(verifyHash(source, payloadHash), { objectMode: false });
  }
  const { headers } = request;
  const decodedLength = headers["x-amz-decoded-content-length"];
  const decoded = decodeAwsChunked(source, {
    signing: signingOf(options),
    decodedLength: decodedLength === undefined ? undefined : Number(decodedLength),
    trailer: payloadHash.endsWith("-TRAILER") ? headers["x-amz-trailer"]?.trim().toLowerCase() : undefined,
    onTrailer: (name, value) => request.onTrailer?.(name, value),
  });
  describeDecoded(headers);
  return Readable.from(decoded, { objectMode: false });
}

function signingOf({ payloadHash, signature, secretAccessKey }: PayloadOptions) {
  if (payloadHash === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return undefined;
  const isKnown = /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/.test(payloadHash);
  if (isKnown && signature !== undefined) return { signature, secretAccessKey };
  throw new AwsError("NotImplemented", `Chubo does not support the payload ${payloadHash} (see docs/deviations.md)`, {
    statusCode: 501,
  });
}

function describeDecoded(headers: Record<string, string>): void {
  const { "x-amz-decoded-content-length": length, "content-encoding": encoding = "" } = headers;
  if (length === undefined) delete headers["content-length"];
  else headers["content-length"] = length;
  const rest = encoding.split(",").filter((part) => part.trim() !== "aws-chunked");
  delete headers["content-encoding"];
  if (rest.join("").trim() !== "") headers["content-encoding"] = rest.join(",").trim();
}

/** A refused body does not end the connection: the answer still has to go out on it. */
async function* readMessage(message: IncomingMessage): AsyncGenerator<Buffer, void> {
  try {
    yield* message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    // The client went away.
    throw Object.assign(incompleteBody(), { cause: error });
  }
}

async function* verifyHash(source: AsyncIterable<Buffer>, expected: string): AsyncGenerator<Buffer, void> {
  const hash = createHash("sha256");
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest("hex");
  if (actual === expected) return;
  throw new AwsError(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { members: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: actual } },
  );
}
