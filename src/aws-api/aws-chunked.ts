import { createHash, createHmac } from "node:crypto";
import { Transform } from "node:stream";
import { crc32 } from "node:zlib";
import { AwsError } from "./aws-error.ts";
import { type Signature, signingKey } from "./sigv4.ts";

const emptyHash = createHash("sha256").update("").digest("hex");

/** How the chunks of a body are signed; absent for STREAMING-UNSIGNED-PAYLOAD-TRAILER. */
export interface ChunkSigning {
  signature: Signature;
  secretAccessKey: string;
}

/**
 * Decodes an aws-chunked body: `SIZE[;chunk-signature=…]\r\nBYTES\r\n … 0\r\n[trailer]\r\n`. Each chunk's signature covers
 * the one before it, so a body that was changed or cut fails the stream. The CRC32 trailer is verified.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function decodeAwsChunked(signing?: ChunkSigning): Transform {
  const verify = signing === undefined ? undefined : chunkVerifier(signing);
  let waiting: Buffer = Buffer.alloc(0);
  let state: "header" | "trailer" | { size: number; signature: string | undefined } = "header";
  let checksum = 0;

  const step = (push: (chunk: Buffer) => void): boolean => {
    if (typeof state === "object") {
      const { size, signature } = state;
      if (waiting.length < size + 2) return false;
      const chunk = waiting.subarray(0, size);
      waiting = waiting.subarray(size + 2);
      verify?.(chunk, signature);
      checksum = crc32(chunk, checksum);
      state = "header";
      push(chunk);
      return true;
    }
    const end = waiting.indexOf("\r\n");
    if (end < 0) return false;
    const line = waiting.subarray(0, end).toString("latin1");
    waiting = waiting.subarray(end + 2);
    if (state === "trailer") verifyTrailer(line, checksum);
    else state = readHeader(line, verify);
    return true;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      try {
        while (step((content) => this.push(content)));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      done(state === "trailer" ? null : incompleteBody());
    },
  });
}

type VerifyChunk = (chunk: Buffer, signature: string | undefined) => void;

function readHeader(line: string, verify: VerifyChunk | undefined) {
  const [, size = "", signature] = /^([0-9a-fA-F]+)(?:;chunk-signature=([0-9a-f]+))?$/.exec(line) ?? [];
  if (size === "") throw incompleteBody();
  if (Number.parseInt(size, 16) > 0) return { size: Number.parseInt(size, 16), signature };
  verify?.(Buffer.alloc(0), signature);
  return "trailer" as const;
}

function incompleteBody(): AwsError {
  const message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
  return new AwsError("IncompleteBody", message, { statusCode: 400 });
}

function verifyTrailer(line: string, checksum: number): void {
  const [name, value] = line.split(":").map((part) => part.trim());
  if (name !== "x-amz-checksum-crc32") return;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  if (bytes.toString("base64") !== value) {
    throw new AwsError("BadDigest", "The CRC32 you specified did not match the calculated checksum.", {
      statusCode: 400,
    });
  }
}

function chunkVerifier({ signature, secretAccessKey }: ChunkSigning): VerifyChunk {
  const key = signingKey(secretAccessKey, signature.scope);
  let previous = signature.signature;
  return (chunk, given) => {
    const hash = createHash("sha256").update(chunk).digest("hex");
    const text = ["AWS4-HMAC-SHA256-PAYLOAD", signature.time, signature.scope, previous, emptyHash, hash].join("\n");
    previous = createHmac("sha256", key).update(text).digest("hex");
    if (previous !== given) {
      throw new AwsError("SignatureDoesNotMatch", "The chunk signature we calculated does not match.", {
        statusCode: 403,
      });
    }
  };
}
