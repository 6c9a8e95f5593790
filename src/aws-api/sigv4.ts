import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { AwsError } from "./aws-error.ts";
import { protocolError } from "./protocol-error.ts";
import type { Protocol } from "./sdk-schemas.ts";
import type { Credential } from "./service.ts";
import { formatSignatureTime, type Signature, signatureAlgorithm } from "./signature.ts";
import type { WireRequest } from "./wire.ts";

const maximumSkew = 15 * 60_000;
const longestPresign = 7 * 24 * 3600;

export interface SignatureCheck {
  request: WireRequest;
  signature: Signature;
  /** What the signature covers: the header x-amz-content-sha256, or the body's SHA-256 in hexadecimal. */
  payloadHash: string;
  credential: Credential;
  protocol: Protocol;
  now: Date;
}

/**
 * Throws the AwsError of the protocol where a request is not signed with the credential, or not at this time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function checkSignature(check: SignatureCheck): void {
  const { request, signature, protocol } = check;
  const time = parseSignatureTime(signature.time);
  if (time === undefined || !signature.scope.startsWith(signature.time.slice(0, 8))) {
    throw protocolError(protocol, "incompleteSignature", {
      message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
    });
  }
  if (signature.expires === undefined) checkSkew(check, time);
  else checkExpiry(check, time, signature.expires);
  if (!signature.signedHeaders.includes("host")) {
    throw protocolError(protocol, "incompleteSignature", {
      message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    });
  }
  const expected = computeSignature(request, signature, check.payloadHash, check.credential.secretAccessKey);
  if (!isEqual(expected, signature.signature)) throw protocolError(protocol, "wrongSignature");
}

export function isEqual(expected: string, actual: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(actual)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function checkSkew({ signature, protocol, now }: SignatureCheck, time: Date): void {
  const age = now.getTime() - time.getTime();
  if (Math.abs(age) <= maximumSkew) return;
  const [signed, current] = [signature.time, formatSignatureTime(now)];
  const limit = formatSignatureTime(new Date(now.getTime() - Math.sign(age) * maximumSkew));
  const message =
    age > 0
      ? `Signature expired: ${signed} is now earlier than ${limit} (${current} - 15 min.)`
      : `Signature not yet current: ${signed} is still later than ${limit} (${current} + 15 min.)`;
  const members = {
    RequestTime: signed,
    ServerTime: now.toISOString(),
    MaxAllowedSkewMilliseconds: maximumSkew,
  };
  throw protocolError(protocol, "wrongTime", protocol === "rest-xml" ? { members } : { message });
}

function checkExpiry({ protocol, now }: SignatureCheck, time: Date, expires: number): void {
  if (!(expires >= 0 && expires <= longestPresign)) {
    const message =
      "X-Amz-Expires must be less than a week (in seconds) that is, the given X-Amz-Expires must be less than 604800 seconds";
    throw protocolError(protocol, "incompleteSignature", { message });
  }
  if (time.getTime() > now.getTime() + maximumSkew) {
    throw protocolError(protocol, "denied", { message: "Request is not yet valid" });
  }
  const end = new Date(time.getTime() + expires * 1000);
  if (end < now) throw expiredRequest(protocol, end, now);
}

export function expiredRequest(protocol: Protocol, end: Date, now: Date): AwsError {
  const members = { Expires: end.toISOString(), ServerTime: now.toISOString() };
  return protocolError(protocol, "denied", { message: "Request has expired", members });
}

function parseSignatureTime(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** The signature that a request must have, in hexadecimal. */
export function computeSignature(
  request: Pick<WireRequest, "method" | "path" | "query" | "headers">,
  { scope, time, signedHeaders }: Pick<Signature, "scope" | "time" | "signedHeaders">,
  payloadHash: string,
  secret: string,
): string {
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}\n`);
  const canonical = [
    request.method,
    canonicalPath(request.path, scope),
    canonicalQuery(request.query),
    headers.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
  const text = [signatureAlgorithm, time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  return createHmac("sha256", signingKey(secret, scope)).update(text).digest("hex");
}

/** Key for a scope; the signatures of an aws-chunked body's chunks use it too. */
export function signingKey(secret: string, scope: string): Buffer {
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return key as Buffer;
}

function canonicalValue(value = ""): string {
  return value.trim().replace(/ +/g, " ");
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map((pair) => pair.join("="))
    .join("&");
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** S3 alone signs the path as it is; the others sign it encoded once more, which differs only for odd characters. */
function canonicalPath(path: string, scope: string): string {
  const isS3 = scope.split("/")[2] === "s3";
  const parts = path.split("/").map((part) => encodeRfc3986(isS3 ? decodePart(part) : part));
  return parts.join("/");
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not percent-encoding: then it is what was signed.
    return part;
  }
}

/** Stricter than encodeURIComponent. */
function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
