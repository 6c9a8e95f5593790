/** Statuses of S3's errors that are in no schema. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const statuses: Record<string, number> = {
  AccessDenied: 403,
  AllAccessDisabled: 403,
  BucketNotEmpty: 409,
  InvalidBucketState: 409,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucketPolicy: 404,
  NoSuchConfiguration: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  NotFound: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectLockConfigurationNotFoundError: 404,
  OperationAborted: 409,
  OwnershipControlsNotFoundError: 404,
  PreconditionFailed: 412,
  ReplicationConfigurationNotFoundError: 404,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  SlowDown: 503,
};

export function statusOfS3Error(name: string): number | undefined {
  return statuses[name];
}

/** Statuses whose answers have no body. */
export const bodiless: ReadonlySet<number> = new Set([204, 304]);

export function s3HeadersFor(requestId: string): Record<string, string> {
  return { "x-amz-request-id": requestId, "x-amz-id-2": "chubo", server: "AmazonS3" };
}
