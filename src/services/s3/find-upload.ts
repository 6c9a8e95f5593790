import type { UploadRecord } from "./multipart-upload.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";

export interface UploadInput {
  Bucket?: string | undefined;
  Key?: string | undefined;
  UploadId?: string | undefined;
}

/** Throws NoSuchUpload. */
export function getUpload(s3: S3Store, { Bucket, Key, UploadId = "" }: UploadInput): UploadRecord {
  const { name } = s3.getBucket(Bucket);
  const upload = s3.uploads(name).get(UploadId);
  if (upload === undefined || upload.key !== Key) throw s3Error("NoSuchUpload", { UploadId });
  return upload;
}
