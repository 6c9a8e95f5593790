import type * as Sdk from "@aws-sdk/client-s3";
import { getCopySource } from "./copy-object.ts";
import { getUpload, type UploadInput } from "./find-upload.ts";
import type { PartRecord } from "./multipart-upload.ts";
import { formatEtag } from "./object-version.ts";
import { parseRange } from "./read-object.ts";
import { type BodyInput, receiveBody } from "./receive-body.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";
import { keepContent, wholeSecond } from "./write-object.ts";

type PartInput = UploadInput & { PartNumber?: number | undefined };

export async function uploadPart(s3: S3Store, input: Sdk.UploadPartCommandInput) {
  if (input.SSECustomerAlgorithm !== undefined) throw s3Error("NotImplemented");
  const { etag, checksums } = await storePart(s3, input, input.Body, input);
  return { ETag: formatEtag(etag), ...checksums };
}

/** A range of another object as a part. */
export async function uploadPartCopy(s3: S3Store, input: Sdk.UploadPartCopyCommandInput) {
  const source = getCopySource(s3, input);
  const body = s3.content.read(source.digest, parseRange(input.CopySourceRange, source.size));
  const { etag, checksums, lastModified } = await storePart(s3, input, body, {});
  return {
    CopyPartResult: { ETag: formatEtag(etag), LastModified: new Date(lastModified), ...checksums },
    ...(source.versionId === "null" ? {} : { CopySourceVersionId: source.versionId }),
  };
}

async function storePart(s3: S3Store, input: PartInput, body: unknown, checks: BodyInput): Promise<PartRecord> {
  const partNumber = input.PartNumber ?? 0;
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000) {
    const message = "Part number must be an integer between 1 and 10000, inclusive";
    throw s3Error("InvalidArgument", { ArgumentName: "partNumber", ArgumentValue: partNumber }, message);
  }
  const { checksumAlgorithm: ChecksumAlgorithm } = getUpload(s3, input);
  const content = await receiveBody(s3.content, body, {
    ...checks,
    ...(ChecksumAlgorithm === undefined ? {} : { ChecksumAlgorithm }),
  });
  const part: PartRecord = { ...content, partNumber, lastModified: wholeSecond(s3.now()) };
  keepContent(s3, content, () => {
    // Read again: other parts arrive at the same time, and the upload may have ended.
    const upload = getUpload(s3, input);
    const old = upload.parts[String(partNumber)];
    s3.uploads(input.Bucket ?? "").put(upload.uploadId, { ...upload, parts: { ...upload.parts, [partNumber]: part } });
    if (old !== undefined) s3.release([old]);
  });
  return part;
}
