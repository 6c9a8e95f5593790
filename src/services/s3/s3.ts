import type * as Sdk from "@aws-sdk/client-s3";
import type { Operations } from "../../aws-api/service.ts";
import { bucketOperations } from "./bucket-operations.ts";
import { bucketSettingsOperations } from "./bucket-settings-operations.ts";
import { listOperations } from "./list-operations.ts";
import { multipartOperations } from "./multipart-operations.ts";
import { objectOperations } from "./object-operations.ts";
import { openS3Store, type S3Parts } from "./s3-store.ts";
import { taggingOperations } from "./tagging-operations.ts";

export type S3Operations = Operations<typeof Sdk>;

/** Amazon S3. `Body` of PutObject and UploadPart may be a string, bytes or a Readable; GetObject's is a Readable. */
export function createS3(parts: S3Parts): { operations: S3Operations } {
  const s3 = openS3Store(parts);
  return {
    operations: {
      ...bucketOperations(s3),
      ...bucketSettingsOperations(s3),
      ...objectOperations(s3),
      ...taggingOperations(s3),
      ...listOperations(s3),
      ...multipartOperations(s3),
    },
  };
}
