import { createHmac } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import { bucketOfHost } from "./aws-host.ts";
import { protocolError } from "./protocol-error.ts";
import type { Credential, CredentialSource } from "./service.ts";
import { expiredRequest, isEqual } from "./sigv4.ts";
import type { WireRequest } from "./wire.ts";

/** Query names that a signature covers: subresources and overrides of the answer's headers. */
const signedNames =
  /^(acl|cors|delete|lifecycle|location|logging|notification|partNumber|policy|requestPayment|response-[a-z-]+|restore|tagging|torrent|uploadId|uploads|versionId|versioning|versions|website)$/;

/**
 * Checks an S3 URL presigned with SigV2 and returns whose it is. boto3 makes such URLs unless it is told otherwise.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
 */
export function checkPresignedV2(request: WireRequest, credentials: CredentialSource, now: Date): Credential {
  const { query } = request;
  const accessKeyId = query.get("AWSAccessKeyId") ?? "";
  const credential = credentials.findCredential(accessKeyId);
  if (credential === undefined) {
    throw protocolError("rest-xml", "unknownKey", { members: { AWSAccessKeyId: accessKeyId } });
  }
  if (credential.sessionToken !== (query.get("x-amz-security-token") ?? undefined)) {
    throw protocolError("rest-xml", "wrongToken");
  }
  if (credential.expiration !== undefined && credential.expiration < now) {
    throw protocolError("rest-xml", "expiredToken");
  }
  const end = new Date(Number(query.get("Expires")) * 1000);
  if (Number.isNaN(end.getTime())) throw new AwsError("AccessDenied", "Invalid date (should be seconds since epoch)");
  if (end < now) throw expiredRequest("rest-xml", end, now);
  const text = stringToSign(request);
  const expected = createHmac("sha1", credential.secretAccessKey).update(text).digest("base64");
  if (!isEqual(expected, query.get("Signature") ?? "")) throw protocolError("rest-xml", "wrongSignature");
  return credential;
}

function stringToSign({ method, headers, query, path, host }: WireRequest): string {
  const amazonHeaders = new Map(Object.entries(headers).filter(([name]) => name.startsWith("x-amz-")));
  const token = query.get("x-amz-security-token");
  if (token !== null) amazonHeaders.set("x-amz-security-token", token);
  const headerLines = [...amazonHeaders].sort(([one], [other]) => (one < other ? -1 : 1));
  const signed = [...query].filter(([name]) => signedNames.test(name)).sort(([one], [other]) => (one < other ? -1 : 1));
  const subresources = signed.map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join("&");
  const bucket = bucketOfHost(host);
  const resource = `${bucket === undefined ? "" : `/${bucket}`}${path}${subresources === "" ? "" : `?${subresources}`}`;
  return [
    method,
    headers["content-md5"] ?? "",
    headers["content-type"] ?? "",
    query.get("Expires"),
    ...headerLines.map(([name, value]) => `${name}:${value}`),
    resource,
  ].join("\n");
}
