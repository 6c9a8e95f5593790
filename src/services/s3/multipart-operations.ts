import type * as Sdk from "@aws-sdk/client-s3";
import { ownerOf } from "./bucket-operations.ts";
import { completeUpload } from "./complete-upload.ts";
import { parseCopySource } from "./copy-object.ts";
import { getUpload } from "./find-upload.ts";
import { keyEncoder, readMaxKeys } from "./list-encoding.ts";
import { listPage } from "./list-page.ts";
import type { UploadRecord } from "./multipart-upload.ts";
import { defined, parseTagging, readObjectSettings } from "./object-settings.ts";
import { formatEtag } from "./object-version.ts";
import type { S3Operations } from "./s3.ts";
import { objectArn, onBucket, onObject } from "./s3-permission.ts";
import type { S3Store } from "./s3-store.ts";
import { uploadPart, uploadPartCopy } from "./upload-part.ts";
import { checkKey } from "./write-object.ts";

export function multipartOperations(s3: S3Store): S3Operations {
  return {
    CreateMultipartUpload: { permissions: onObject("PutObject"), run: (input) => createUpload(s3, input) },
    UploadPart: { permissions: onObject("PutObject"), run: (input) => uploadPart(s3, input) },
    UploadPartCopy: {
      permissions(input, context) {
        const { Bucket, Key, VersionId } = parseCopySource(input.CopySource);
        const action = VersionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
        return [{ action, resource: objectArn(Bucket, Key) }, ...onObject("PutObject")(input, context)];
      },
      run: (input) => uploadPartCopy(s3, input),
    },
    CompleteMultipartUpload: { permissions: onObject("PutObject"), run: (input) => completeUpload(s3, input) },
    AbortMultipartUpload: {
      permissions: onObject("AbortMultipartUpload"),
      run(input) {
        const { uploadId, parts } = getUpload(s3, input);
        s3.uploads(input.Bucket ?? "").delete(uploadId);
        s3.release(Object.values(parts));
        return {};
      },
    },
    ListParts: { permissions: onObject("ListMultipartUploadParts"), run: (input) => listParts(s3, input) },
    ListMultipartUploads: {
      permissions: onBucket("ListBucketMultipartUploads"),
      run: (input, { account }) => listUploads(s3, input, ownerOf(account)),
    },
  };
}

function createUpload(s3: S3Store, input: Sdk.CreateMultipartUploadCommandInput) {
  const { Key: key = "", ChecksumAlgorithm, ChecksumType } = input;
  const { name } = s3.getBucket(input.Bucket);
  checkKey(key);
  const tags = parseTagging(input.Tagging);
  const upload: UploadRecord = {
    uploadId: s3.newId(),
    key,
    startedAt: s3.now().getTime(),
    settings: readObjectSettings(input),
    ...(tags === undefined ? {} : { tags }),
    ...(ChecksumAlgorithm === undefined ? {} : { checksumAlgorithm: ChecksumAlgorithm }),
    // CRC64NVME knows no composite checksum.
    checksumType: ChecksumType ?? (ChecksumAlgorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE"),
    parts: {},
  };
  s3.uploads(name).put(upload.uploadId, upload);
  return {
    Bucket: name,
    Key: key,
    UploadId: upload.uploadId,
    ...defined("ChecksumAlgorithm", ChecksumAlgorithm),
    ...defined("ChecksumType", ChecksumAlgorithm === undefined ? undefined : upload.checksumType),
  };
}

function listParts(s3: S3Store, input: Sdk.ListPartsCommandInput) {
  const upload = getUpload(s3, input);
  const limit = readMaxKeys(input.MaxParts);
  const after = Number(input.PartNumberMarker ?? 0);
  const parts = Object.values(upload.parts)
    .filter(({ partNumber }) => partNumber > after)
    .sort((one, other) => one.partNumber - other.partNumber);
  const page = parts.slice(0, limit);
  return {
    Bucket: input.Bucket,
    Key: input.Key,
    UploadId: upload.uploadId,
    PartNumberMarker: String(after),
    MaxParts: limit,
    IsTruncated: parts.length > limit,
    ...defined("NextPartNumberMarker", page.at(-1)?.partNumber.toString()),
    StorageClass: upload.settings.StorageClass ?? ("STANDARD" as const),
    Parts: page.map(({ partNumber, lastModified, etag, size, checksums }) => ({
      PartNumber: partNumber,
      LastModified: new Date(lastModified),
      ETag: formatEtag(etag),
      Size: size,
      ...checksums,
    })),
  };
}

function listUploads(s3: S3Store, input: Sdk.ListMultipartUploadsCommandInput, Owner: Sdk.Owner) {
  const { name } = s3.getBucket(input.Bucket);
  const limit = readMaxKeys(input.MaxUploads);
  const encode = keyEncoder(input.EncodingType);
  const uploads = s3.uploads(name).list();
  uploads.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : one.startedAt - other.startedAt));
  const { Prefix: prefix, Delimiter: delimiter, KeyMarker: after } = input;
  const page = listPage(uploads, ({ key }) => key, {
    prefix,
    delimiter,
    after: after === "" ? undefined : after,
    limit,
  });
  return {
    Bucket: name,
    KeyMarker: after ?? "",
    MaxUploads: limit,
    IsTruncated: page.isTruncated,
    ...defined("NextKeyMarker", page.isTruncated ? page.last : undefined),
    ...defined("Prefix", prefix),
    ...defined("Delimiter", delimiter),
    ...defined("EncodingType", input.EncodingType),
    Uploads: page.items.map(({ key, uploadId, startedAt, settings }) => ({
      Key: encode(key),
      UploadId: uploadId,
      Initiated: new Date(startedAt),
      StorageClass: settings.StorageClass ?? ("STANDARD" as const),
      Owner,
    })),
    CommonPrefixes: page.commonPrefixes.map((text) => ({ Prefix: encode(text) })),
  };
}
