import type { IncomingMessage } from "node:http";
import { wireQuery } from "./read-wire-request.ts";
import type { WireRequest } from "./wire.ts";

/** What a SigV4 signature says of itself, from the Authorization header or a presigned query. */
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

export const signatureAlgorithm = "AWS4-HMAC-SHA256";

type Signed = Pick<WireRequest, "headers" | "query">;

/** True for what only an AWS client sends: a signature in a header or a query (even one of an unknown kind), or a target. */
export function isAwsRequest(message: IncomingMessage): boolean {
  const { authorization = "", "x-amz-target": target } = message.headers;
  if (target !== undefined || /^AWS4?[ -]/.test(authorization)) return true;
  if (message.url?.includes("?") !== true) return false;
  const query = wireQuery(message);
  return query.has("X-Amz-Signature") || query.has("X-Amz-Credential") || isPresignedV2(query);
}

/** SigV2, which boto3 still presigns with unless it is told otherwise. */
export function isPresignedV2(query: URLSearchParams): boolean {
  return query.has("AWSAccessKeyId") && query.has("Signature") && query.has("Expires");
}

/** Finds SigV4 in a request. Undefined where it is not signed so, or where a part of it is missing. */
export function findSignature(request: Signed): Signature | undefined {
  return findInHeader(request) ?? findInQuery(request);
}

function findInHeader({ headers }: Signed): Signature | undefined {
  const header = headers.authorization;
  if (header?.startsWith(`${signatureAlgorithm} `) !== true) return undefined;
  const parts = header.slice(signatureAlgorithm.length).split(",");
  const named = Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  return formSignature({
    credential: named.Credential,
    signedHeaders: named.SignedHeaders,
    signature: named.Signature,
    time: headers["x-amz-date"] ?? isoTimeOf(headers.date),
    securityToken: headers["x-amz-security-token"],
    expires: undefined,
  });
}

function findInQuery({ query }: Signed): Signature | undefined {
  if (query.get("X-Amz-Algorithm") !== signatureAlgorithm) return undefined;
  const part = (name: string) => query.get(name) ?? undefined;
  return formSignature({
    credential: part("X-Amz-Credential"),
    signedHeaders: part("X-Amz-SignedHeaders"),
    signature: part("X-Amz-Signature"),
    time: part("X-Amz-Date"),
    securityToken: part("X-Amz-Security-Token"),
    expires: Number(part("X-Amz-Expires")),
  });
}

interface SignatureParts extends Pick<Signature, "securityToken" | "expires"> {
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  time: string | undefined;
}

function formSignature({ credential, signedHeaders, signature, time, ...rest }: SignatureParts): Signature | undefined {
  // The access key may hold slashes; the scope has four parts.
  const [, accessKeyId, scope, region, service] =
    /^(.+)\/(\d{8}\/([^/]+)\/([^/]+)\/aws4_request)$/.exec(credential ?? "") ?? [];
  if (!accessKeyId || !scope || !region || !service || !signedHeaders || !signature || !time) return undefined;
  return { accessKeyId, scope, region, service, time, signedHeaders: signedHeaders.split(";"), signature, ...rest };
}

function isoTimeOf(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? undefined : formatSignatureTime(new Date(time));
}

/** `20261124T094500Z`. */
export function formatSignatureTime(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}
