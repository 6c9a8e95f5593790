import { randomUUID } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-s3";
import { checkReadConditions } from "./conditions.ts";
import { getVersion } from "./find-version.ts";
import { parseTagging, readObjectSettings } from "./object-settings.ts";
import { formatEtag, type ObjectVersion } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";
import { checkWrite, keepContent, writeObject } from "./write-object.ts";

export interface CopySource {
  Bucket: string;
  Key: string;
  VersionId?: string;
}

/** `BUCKET/KEY?versionId=ID`, percent-encoded, with or without a leading slash. */
export function parseCopySource(text = ""): CopySource {
  const [path = "", version] = text.split("?versionId=");
  const [, Bucket, Key] = /^\/?([^/]+)\/(.+)$/s.exec(decodePath(path)) ?? [];
  if (Bucket === undefined || Key === undefined) {
    throw s3Error(
      "InvalidArgument",
      { ArgumentName: "x-amz-copy-source" },
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    );
  }
  return { Bucket, Key, ...(version === undefined ? {} : { VersionId: version }) };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A key may hold a percent sign that a careless client did not encode.
    return path;
  }
}

/** The source of a copy, once its conditions hold. */
export function getCopySource(
  s3: S3Store,
  input: Pick<
    Sdk.CopyObjectRequest,
    | "CopySource"
    | "CopySourceIfMatch"
    | "CopySourceIfNoneMatch"
    | "CopySourceIfModifiedSince"
    | "CopySourceIfUnmodifiedSince"
  >,
): ObjectVersion {
  const version = getVersion(s3, parseCopySource(input.CopySource));
  checkReadConditions(version, {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  return version;
}

/** No byte is copied: the new object holds the same content. */
export function copyObject(s3: S3Store, input: Sdk.CopyObjectCommandInput) {
  const source = getCopySource(s3, input);
  checkWrite(s3, input);
  const replaces = input.MetadataDirective === "REPLACE";
  const { Bucket, Key, VersionId } = parseCopySource(input.CopySource);
  const changes = replaces || input.StorageClass !== undefined || input.ServerSideEncryption !== undefined;
  if (!changes && VersionId === undefined && Bucket === input.Bucket && Key === input.Key) {
    throw s3Error(
      "InvalidRequest",
      {},
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const asked = readObjectSettings(input);
  const settings = replaces ? asked : { ...source.settings, ...pickPlacement(asked) };
  const tags = input.TaggingDirective === "REPLACE" ? parseTagging(input.Tagging) : source.tags;
  const { digest, size, etag, checksums } = source;
  const content = { digest, holder: `s3/${randomUUID()}`, size, etag, checksums };
  s3.content.hold(content.holder, digest);
  const version = keepContent(s3, content, () => writeObject(s3, input, content, { settings, tags }));
  return {
    CopyObjectResult: { ETag: formatEtag(etag), LastModified: new Date(version.lastModified), ...checksums },
    ...(version.versionId === "null" ? {} : { VersionId: version.versionId }),
    ...(source.versionId === "null" ? {} : { CopySourceVersionId: source.versionId }),
  };
}

/** How an object is kept is the request's business even where its metadata are copied. */
function pickPlacement({ StorageClass, ServerSideEncryption, SSEKMSKeyId }: Partial<ObjectVersion["settings"]>) {
  return {
    ...(StorageClass === undefined ? {} : { StorageClass }),
    ...(ServerSideEncryption === undefined ? {} : { ServerSideEncryption }),
    ...(SSEKMSKeyId === undefined ? {} : { SSEKMSKeyId }),
  };
}
