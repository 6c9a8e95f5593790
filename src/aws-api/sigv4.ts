import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { Credential, CredentialSource } from "./service.ts";
import type { WireRequest } from "./wire.ts";

/** What a signature says of itself, from the Authorization header or a presigned query. */
export interface Signature {
  accessKeyId: string;
  /** `20261124/us-east-1/s3/aws4_request`. */
  scope: string;
  region: string;
  service: string;
  /** `20261124T094500Z`. */
  time: string;
  signedHeaders: string[];
  signature: string;
  securityToken: string | undefined;
  /** Seconds, for a presigned URL. */
  expires: number | undefined;
}

const algorithm = "AWS4-HMAC-SHA256";
const maximumSkew = 15 * 60_000;

/** Finds SigV4 in a request. Undefined where it is signed in no such way. */
export function findSignature({ headers, query }: Pick<WireRequest, "headers" | "query">): Signature | undefined {
  const header = headers.authorization;
  if (header?.startsWith(algorithm) === true) {
    const part = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(header)?.[1] ?? "";
    return signatureOf(part("Credential"), headers["x-amz-date"] ?? "", part("SignedHeaders"), part("Signature"), {
      securityToken: headers["x-amz-security-token"],
      expires: undefined,
    });
  }
  if (query.get("X-Amz-Algorithm") !== algorithm) return undefined;
  const part = (name: string) => query.get(name) ?? "";
  return signatureOf(
    part("X-Amz-Credential"),
    part("X-Amz-Date"),
    part("X-Amz-SignedHeaders"),
    part("X-Amz-Signature"),
    {
      securityToken: query.get("X-Amz-Security-Token") ?? undefined,
      expires: Number(part("X-Amz-Expires")),
    },
  );
}

function signatureOf(
  credential: string,
  time: string,
  signedHeaders: string,
  signature: string,
  rest: Pick<Signature, "securityToken" | "expires">,
): Signature | undefined {
  const [accessKeyId, ...scope] = credential.split("/");
  const [, region, service] = scope;
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return {
    accessKeyId,
    scope: scope.join("/"),
    region,
    service,
    time,
    signedHeaders: signedHeaders.split(";"),
    signature,
    ...rest,
  };
}

/**
 * Verifies a request and returns whose it is. `payloadHash` is what the signature covers: the header
 * x-amz-content-sha256, or the body's SHA-256. Throws AwsError in AWS's words.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature(
  request: WireRequest,
  signature: Signature,
  payloadHash: string,
  credentials: CredentialSource,
  now: Date,
): Credential {
  const credential = credentials.findCredential(signature.accessKeyId);
  if (credential === undefined || credential.sessionToken !== signature.securityToken) {
    throw new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", {
      statusCode: 403,
    });
  }
  if (credential.expiration !== undefined && credential.expiration < now) {
    throw new AwsError("ExpiredToken", "The security token included in the request is expired", { statusCode: 403 });
  }
  checkTime(signature, now);
  const expected = Buffer.from(sign(request, signature, payloadHash, credential.secretAccessKey));
  const actual = Buffer.from(signature.signature);
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    const message =
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    throw new AwsError("SignatureDoesNotMatch", message, { statusCode: 403 });
  }
  return credential;
}

function checkTime({ time, expires }: Signature, now: Date): void {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const age = now.getTime() - signed;
  if (expires !== undefined && age > expires * 1000) {
    throw new AwsError("AccessDenied", "Request has expired", { statusCode: 403 });
  }
  if (Number.isNaN(age) || age < -maximumSkew || (expires === undefined && age > maximumSkew)) {
    const message = `Signature expired or not yet current: ${time} is more than 15 minutes from ${now.toISOString()}`;
    throw new AwsError("RequestTimeTooSkewed", message, { statusCode: 403 });
  }
}

function sign(
  request: WireRequest,
  { scope, time, signedHeaders }: Signature,
  payloadHash: string,
  secret: string,
): string {
  const canonical = canonicalRequest(request, signedHeaders, scope, payloadHash);
  const text = [algorithm, time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  return createHmac("sha256", signingKey(secret, scope)).update(text).digest("hex");
}

/** Key for a scope; the signatures of an aws-chunked body's chunks use it too. */
export function signingKey(secret: string, scope: string): Buffer {
  const start: string | Buffer = `AWS4${secret}`;
  return scope
    .split("/")
    .reduce<string | Buffer>((key, part) => createHmac("sha256", key).update(part).digest(), start) as Buffer;
}

function canonicalRequest(request: WireRequest, signedHeaders: string[], scope: string, payloadHash: string): string {
  const headers = signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}\n`);
  const query = [...request.query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  // S3 alone signs the path as it is sent; the others sign it encoded once more, which differs only for odd characters.
  const isS3 = scope.includes("/s3/");
  const path = request.path
    .split("/")
    .map((part) => (isS3 ? encode(decodePath(part)) : encode(part)))
    .join("/");
  return [request.method, path, query.join("&"), headers.join(""), signedHeaders.join(";"), payloadHash].join("\n");
}

function decodePath(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** RFC 3986, stricter than encodeURIComponent. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
