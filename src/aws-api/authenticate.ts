import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-error.ts";
import { openPayload } from "./open-payload.ts";
import { checkPresignedV2 } from "./presigned-v2.ts";
import { protocolError } from "./protocol-error.ts";
import { readWhole } from "./read-wire-request.ts";
import type { Protocol } from "./sdk-schemas.ts";
import type { Credential, CredentialSource } from "./service.ts";
import { findSignature, isPresignedV2, type Signature } from "./signature.ts";
import { checkSignature } from "./sigv4.ts";
import type { WireRequest } from "./wire.ts";

export interface AuthenticateOptions {
  protocol: Protocol;
  credentials: CredentialSource;
  /** For signatures that name none. */
  region: string;
  now(): Date;
}

export interface Authenticated {
  credential: Credential;
  region: string;
}

/**
 * Finds out whose a request is, and gives it its body: whole, or for S3 a stream. Throws AwsError for what is unsigned or
 * wrongly signed.
 */
export async function authenticate(
  message: IncomingMessage,
  request: WireRequest,
  options: AuthenticateOptions,
): Promise<Authenticated> {
  const { protocol, credentials, region, now } = options;
  const isS3 = protocol === "rest-xml";
  if (isS3 && isPresignedV2(request.query)) {
    const credential = checkPresignedV2(request, credentials, now());
    const { secretAccessKey } = credential;
    request.body = openPayload(message, request, {
      payloadHash: "UNSIGNED-PAYLOAD",
      signature: undefined,
      secretAccessKey,
    });
    return { credential, region };
  }
  const signature = findSignature(request);
  if (signature === undefined) throw unsigned(request, protocol);
  const credential = findCredential(signature, options);
  if (!isS3) {
    request.body = await readWhole(message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>, protocol);
  }
  const payloadHash = isS3 ? declaredHash(request, signature) : hashOf(request.body as Buffer);
  checkSignature({ request, signature, payloadHash, credential, protocol, now: now() });
  if (isS3) {
    const { secretAccessKey } = credential;
    request.body = openPayload(message, request, { payloadHash, signature, secretAccessKey });
  }
  return { credential, region: signature.region === "aws-global" ? region : signature.region };
}

function findCredential(signature: Signature, { credentials, protocol, now }: AuthenticateOptions): Credential {
  const { accessKeyId } = signature;
  const credential = credentials.findCredential(accessKeyId);
  if (credential === undefined) {
    throw protocolError(protocol, "unknownKey", { members: { AWSAccessKeyId: accessKeyId } });
  }
  if (credential.sessionToken !== signature.securityToken) throw protocolError(protocol, "wrongToken");
  if (credential.expiration !== undefined && credential.expiration < now()) {
    throw protocolError(protocol, "expiredToken");
  }
  return credential;
}

/** S3 clients say what they signed; a presigned URL signs no body. */
function declaredHash({ headers, query }: WireRequest, { expires }: Signature): string {
  const declared = headers["x-amz-content-sha256"] ?? query.get("X-Amz-Content-Sha256");
  if (declared != null) return declared;
  if (expires !== undefined) return "UNSIGNED-PAYLOAD";
  throw new AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
}

function hashOf(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

function unsigned({ headers, query }: WireRequest, protocol: Protocol): AwsError {
  const { authorization } = headers;
  if (authorization === undefined && !query.has("X-Amz-Credential")) {
    return protocolError(protocol, "missingSignature");
  }
  if (authorization?.startsWith("AWS4-HMAC-SHA256") === false && protocol === "rest-xml") {
    return new AwsError(
      "InvalidRequest",
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    );
  }
  return protocolError(protocol, "incompleteSignature");
}
