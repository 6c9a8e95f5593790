import type * as Sdk from "@aws-sdk/client-s3";
import type { Permission } from "../../aws-api/service.ts";
import { ownerOf } from "./bucket-operations.ts";
import { keyEncoder, readMaxKeys } from "./list-encoding.ts";
import { listPage } from "./list-page.ts";
import { listObjectVersions } from "./list-versions.ts";
import { defined } from "./object-settings.ts";
import { formatEtag, type ObjectVersion } from "./object-version.ts";
import type { S3Operations } from "./s3.ts";
import type { S3Store } from "./s3-store.ts";

export function listOperations(s3: S3Store): S3Operations {
  return {
    ListObjectsV2: {
      permissions: listPermission("ListBucket"),
      run: (input, { account }) => listObjectsV2(s3, input, account),
    },
    ListObjects: {
      permissions: listPermission("ListBucket"),
      run: (input, { account }) => listObjects(s3, input, account),
    },
    ListObjectVersions: {
      permissions: listPermission("ListBucketVersions"),
      run: (input, { account }) => listObjectVersions(s3, input, ownerOf(account)),
    },
  };
}

interface ListInput {
  Bucket?: string | undefined;
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
}

/** Policies often allow a listing of some prefixes only. */
function listPermission(action: string): (input: ListInput) => Permission[] {
  return ({ Bucket = "", Prefix, Delimiter, MaxKeys }) => [
    {
      action: `s3:${action}`,
      resource: `arn:aws:s3:::${Bucket}`,
      conditionValues: {
        ...defined("s3:prefix", Prefix),
        ...defined("s3:delimiter", Delimiter),
        ...defined("s3:max-keys", MaxKeys === undefined ? undefined : String(MaxKeys)),
      } as Record<string, string>,
    },
  ];
}

function currentObjects(s3: S3Store, { Bucket, Prefix }: ListInput): { key: string; version: ObjectVersion }[] {
  const { name } = s3.getBucket(Bucket);
  const records = s3.objects(name).list(Prefix ?? "");
  return records.flatMap(({ key, versions: [version] }) =>
    version === undefined || version.isDeleteMarker === true ? [] : [{ key, version }],
  );
}

function pageOfObjects(
  s3: S3Store,
  input: ListInput & { EncodingType?: Sdk.EncodingType | undefined },
  after: string | undefined,
  owner: object,
) {
  const { Prefix: prefix, Delimiter: delimiter } = input;
  const limit = readMaxKeys(input.MaxKeys);
  const encode = keyEncoder(input.EncodingType);
  const page = listPage(currentObjects(s3, input), ({ key }) => key, { prefix, delimiter, after, limit });
  const contents = page.items.map(({ key, version }) => ({ Key: encode(key), ...describeEntry(version), ...owner }));
  return {
    page,
    encode,
    members: {
      Name: input.Bucket,
      Prefix: encode(prefix ?? ""),
      MaxKeys: limit,
      IsTruncated: page.isTruncated,
      ...defined("Delimiter", delimiter === undefined ? undefined : encode(delimiter)),
      ...defined("EncodingType", input.EncodingType),
      ...(contents.length === 0 ? {} : { Contents: contents }),
      ...(page.commonPrefixes.length === 0
        ? {}
        : { CommonPrefixes: page.commonPrefixes.map((text) => ({ Prefix: encode(text) })) }),
    },
  };
}

function describeEntry({ etag, size, lastModified, settings, checksums }: ObjectVersion) {
  const algorithms = Object.keys(checksums).map((name) => name.slice("Checksum".length) as Sdk.ChecksumAlgorithm);
  const StorageClass: Sdk.ObjectStorageClass = settings.StorageClass ?? "STANDARD";
  return {
    LastModified: new Date(lastModified),
    ETag: formatEtag(etag),
    Size: size,
    StorageClass,
    ...(algorithms.length === 0 ? {} : { ChecksumAlgorithm: algorithms }),
  };
}

function listObjectsV2(s3: S3Store, input: Sdk.ListObjectsV2CommandInput, account: string) {
  const { ContinuationToken: token, StartAfter } = input;
  const after = token === undefined ? StartAfter : Buffer.from(token, "base64url").toString("utf8");
  const owner = input.FetchOwner === true ? { Owner: ownerOf(account) } : {};
  const { page, members, encode } = pageOfObjects(s3, input, after === "" ? undefined : after, owner);
  const next = page.isTruncated && page.last !== undefined ? Buffer.from(page.last).toString("base64url") : undefined;
  return {
    ...members,
    KeyCount: page.items.length + page.commonPrefixes.length,
    ...defined("ContinuationToken", token),
    ...defined("NextContinuationToken", next),
    ...defined("StartAfter", StartAfter === undefined ? undefined : encode(StartAfter)),
  };
}

function listObjects(s3: S3Store, input: Sdk.ListObjectsCommandInput, account: string) {
  const { Marker, Delimiter } = input;
  const after = Marker === "" ? undefined : Marker;
  const { page, members, encode } = pageOfObjects(s3, input, after, { Owner: ownerOf(account) });
  // Without a delimiter the last key is the marker, and S3 does not repeat it.
  const next = page.isTruncated && Delimiter !== undefined ? page.last : undefined;
  return {
    ...members,
    Marker: encode(Marker ?? ""),
    ...defined("NextMarker", next === undefined ? undefined : encode(next)),
  };
}
