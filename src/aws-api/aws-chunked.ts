import { createHash, createHmac } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import { startBodyChecksum } from "./body-checksum.ts";
import { openByteReader } from "./byte-reader.ts";
import type { RunningChecksum } from "./cyclic-redundancy.ts";
import { protocolError } from "./protocol-error.ts";
import type { Signature } from "./signature.ts";
import { isEqual, signingKey } from "./sigv4.ts";

export interface AwsChunkedOptions {
  /** Who signed the chunks; absent for STREAMING-UNSIGNED-PAYLOAD-TRAILER. */
  signing?: { signature: Signature; secretAccessKey: string } | undefined;
  /** x-amz-decoded-content-length. */
  decodedLength: number | undefined;
  /** Name in x-amz-trailer: the checksum that comes after the body. */
  trailer: string | undefined;
  onTrailer(name: string, value: string): void;
}

const emptyHash = createHash("sha256").digest("hex");

/**
 * Decodes an aws-chunked body: `SIZE[;chunk-signature=…]\r\nBYTES\r\n … 0\r\n[NAME:VALUE\r\n …]\r\n`. Each chunk's
 * signature covers the one before it, so a body that was changed or cut fails, as does one that does not fit its length
 * or its trailing checksum.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, …/sigv4-streaming-trailers.html
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  options: AwsChunkedOptions,
): AsyncGenerator<Buffer, void> {
  const reader = openByteReader(source, incompleteBody);
  const chain = options.signing === undefined ? undefined : startSignatureChain(options.signing);
  const checksum = startBodyChecksum(options.trailer ?? "");
  let length = 0;
  for (;;) {
    const { size, signature } = parseChunkHeader(await reader.readLine());
    const hash = chain === undefined ? undefined : createHash("sha256");
    for await (const piece of reader.readBytes(size)) {
      hash?.update(piece);
      checksum?.update(piece);
      length += piece.length;
      yield piece;
    }
    chain?.check("AWS4-HMAC-SHA256-PAYLOAD", [emptyHash, hash?.digest("hex") ?? ""], signature);
    if (size === 0) break;
    if ((await reader.readLine()) !== "") throw incompleteBody();
  }
  if (length !== (options.decodedLength ?? length)) throw incompleteBody();
  const trailers: [string, string][] = [];
  for (let line = await reader.readLine(); line !== undefined && line !== ""; line = await reader.readLine()) {
    const at = line.indexOf(":");
    trailers.push([line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]);
  }
  checkTrailers(trailers, options, chain, checksum);
}

function parseChunkHeader(line: string | undefined): { size: number; signature: string } {
  const [, size = "", signature = ""] = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]+))?$/.exec(line ?? "") ?? [];
  if (size === "") throw incompleteBody();
  return { size: Number.parseInt(size, 16), signature };
}

function checkTrailers(
  trailers: [string, string][],
  { trailer, onTrailer }: AwsChunkedOptions,
  chain: SignatureChain | undefined,
  checksum: RunningChecksum | undefined,
): void {
  const values = new Map(trailers);
  const signature = values.get("x-amz-trailer-signature");
  values.delete("x-amz-trailer-signature");
  if (chain !== undefined && trailer !== undefined) {
    const text = [...values].map(([name, value]) => `${name}:${value}\n`).join("");
    chain.check("AWS4-HMAC-SHA256-TRAILER", [createHash("sha256").update(text).digest("hex")], signature ?? "");
  }
  if (trailer !== undefined && !values.has(trailer)) {
    throw new AwsError("MalformedTrailerError", "The request contained trailing data that was not well-formed");
  }
  for (const [name, value] of values) onTrailer(name, value);
  if (checksum === undefined || checksum.digest().toString("base64") === values.get(trailer ?? "")) return;
  const name = trailer?.replace("x-amz-checksum-", "").toUpperCase();
  throw new AwsError("BadDigest", `The ${name} you specified did not match the calculated checksum.`);
}

interface SignatureChain {
  check(algorithm: string, parts: string[], signature: string): void;
}

function startSignatureChain({
  signature,
  secretAccessKey,
}: NonNullable<AwsChunkedOptions["signing"]>): SignatureChain {
  const key = signingKey(secretAccessKey, signature.scope);
  let previous = signature.signature;
  return {
    check(algorithm, parts, given) {
      const text = [algorithm, signature.time, signature.scope, previous, ...parts].join("\n");
      previous = createHmac("sha256", key).update(text).digest("hex");
      if (!isEqual(previous, given)) throw protocolError("rest-xml", "wrongSignature");
    },
  };
}

export function incompleteBody(): AwsError {
  return new AwsError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
}
