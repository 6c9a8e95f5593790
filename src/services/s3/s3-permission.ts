import type { CallContext, Permission } from "../../aws-api/service.ts";

interface BucketInput {
  Bucket?: string | undefined;
}

type Permissions<Input> = (input: Input, context: CallContext) => Permission[];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export function onBucket(action: string): Permissions<BucketInput> {
  return ({ Bucket = "" }) => [{ action: `s3:${action}`, resource: `arn:aws:s3:::${Bucket}` }];
}

export function onObject(action: string): Permissions<BucketInput & { Key?: string | undefined }> {
  return ({ Bucket = "", Key = "" }) => [{ action: `s3:${action}`, resource: objectArn(Bucket, Key) }];
}

/** `GetObject` and `GetObjectVersion` are two actions. */
export function onVersion(
  action: string,
): Permissions<BucketInput & { Key?: string | undefined; VersionId?: string | undefined }> {
  return (input, context) => onObject(input.VersionId === undefined ? action : `${action}Version`)(input, context);
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}
