import { AwsError } from "./aws-error.ts";
import type { Protocol } from "./sdk-schemas.ts";

/**
 * Errors that no operation raises: each protocol has its own name, status and words for them.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
 */
export type ProtocolFailure =
  | "missingSignature"
  | "incompleteSignature"
  | "unknownKey"
  | "wrongToken"
  | "expiredToken"
  | "wrongSignature"
  | "wrongTime"
  | "denied"
  | "unreadable"
  | "tooLarge"
  | "unknownOperation"
  | "notImplemented"
  | "storageFull"
  | "defect";

type Row = readonly [name: string, statusCode: number, message: string];

const invalidToken = "The security token included in the request is invalid.";
const expiredToken = "The security token included in the request is expired";
const mismatch = "The request signature we calculated does not match the signature you provided.";
const mismatchAdvice =
  "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
/** AWS has no words for it. */
const noRoom = "There is no room left on the disk that holds this account's state.";

const table: Record<ProtocolFailure, Record<Protocol, Row>> = {
  missingSignature: {
    json: ["MissingAuthenticationTokenException", 400, "Missing Authentication Token"],
    query: ["MissingAuthenticationToken", 403, "Request is missing Authentication Token"],
    "rest-xml": ["AccessDenied", 403, "Access Denied"],
  },
  incompleteSignature: {
    json: ["IncompleteSignatureException", 400, "Authorization header is incomplete."],
    query: ["IncompleteSignature", 400, "Authorization header is incomplete."],
    "rest-xml": [
      "AuthorizationHeaderMalformed",
      400,
      "The authorization header that you provided is not valid for this region.",
    ],
  },
  unknownKey: {
    json: ["UnrecognizedClientException", 400, invalidToken],
    query: ["InvalidClientTokenId", 403, invalidToken],
    "rest-xml": ["InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."],
  },
  wrongToken: {
    json: ["UnrecognizedClientException", 400, invalidToken],
    query: ["InvalidClientTokenId", 403, invalidToken],
    "rest-xml": ["InvalidToken", 400, "The provided token is malformed or otherwise invalid."],
  },
  expiredToken: {
    json: ["ExpiredTokenException", 400, expiredToken],
    query: ["ExpiredToken", 403, expiredToken],
    "rest-xml": ["ExpiredToken", 400, "The provided token has expired."],
  },
  wrongSignature: {
    json: ["InvalidSignatureException", 400, `${mismatch} ${mismatchAdvice}`],
    query: ["SignatureDoesNotMatch", 403, `${mismatch} ${mismatchAdvice}`],
    "rest-xml": ["SignatureDoesNotMatch", 403, `${mismatch} Check your key and signing method.`],
  },
  wrongTime: {
    json: ["InvalidSignatureException", 400, "Signature expired"],
    query: ["SignatureDoesNotMatch", 403, "Signature expired"],
    "rest-xml": [
      "RequestTimeTooSkewed",
      403,
      "The difference between the request time and the current time is too large.",
    ],
  },
  denied: {
    json: ["AccessDeniedException", 400, "Access Denied"],
    query: ["AccessDenied", 403, "Access Denied"],
    "rest-xml": ["AccessDenied", 403, "Access Denied"],
  },
  unreadable: {
    json: ["SerializationException", 400, "The request body could not be read."],
    query: ["MalformedInput", 400, "The request body could not be read."],
    "rest-xml": [
      "MalformedXML",
      400,
      "The XML you provided was not well-formed or did not validate against our published schema",
    ],
  },
  tooLarge: {
    json: ["RequestEntityTooLargeException", 413, "Request size exceeded the limit"],
    query: ["RequestEntityTooLarge", 413, "Request size exceeded the limit"],
    "rest-xml": ["MaxMessageLengthExceeded", 400, "Your request was too big."],
  },
  unknownOperation: {
    json: ["UnknownOperationException", 400, "The requested operation is not known."],
    query: ["InvalidAction", 400, "The requested operation is not known."],
    "rest-xml": ["MethodNotAllowed", 405, "The specified method is not allowed against this resource."],
  },
  notImplemented: {
    json: ["NotImplementedException", 501, "Not implemented"],
    query: ["InvalidAction", 400, "Not implemented"],
    "rest-xml": ["NotImplemented", 501, "Not implemented"],
  },
  storageFull: {
    json: ["ServiceUnavailableException", 503, noRoom],
    query: ["ServiceUnavailable", 503, noRoom],
    "rest-xml": ["ServiceUnavailable", 503, noRoom],
  },
  defect: {
    json: ["InternalFailure", 500, "The request processing has failed because of an unknown error."],
    query: ["InternalFailure", 500, "The request processing has failed because of an unknown error."],
    "rest-xml": ["InternalError", 500, "We encountered an internal error. Please try again."],
  },
};

export function protocolError(
  protocol: Protocol,
  failure: ProtocolFailure,
  options: { message?: string; members?: Record<string, unknown>; cause?: unknown } = {},
): AwsError {
  const [name, statusCode, message] = table[failure][protocol];
  const { members = {}, cause } = options;
  // S3 alone has members beside the message.
  const shown = protocol === "rest-xml" ? members : {};
  return new AwsError(name, options.message ?? message, { statusCode, members: shown, cause });
}
