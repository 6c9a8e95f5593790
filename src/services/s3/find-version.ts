import type { ObjectRecord, ObjectVersion } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";

export interface VersionInput {
  Bucket?: string | undefined;
  Key?: string | undefined;
  VersionId?: string | undefined;
}

export function getRecord(s3: S3Store, { Bucket, Key = "" }: VersionInput): ObjectRecord {
  const { name } = s3.getBucket(Bucket);
  return s3.objects(name).get(Key) ?? { key: Key, versions: [] };
}

/** The newest version, or the one asked for. Throws NoSuchKey, NoSuchVersion, or MethodNotAllowed for a marker. */
export function getVersion(s3: S3Store, input: VersionInput): ObjectVersion {
  const { key, versions } = getRecord(s3, input);
  const { VersionId } = input;
  const version = VersionId === undefined ? versions[0] : versions.find(({ versionId }) => versionId === VersionId);
  if (version === undefined) {
    throw VersionId === undefined
      ? s3Error("NoSuchKey", { Key: key })
      : s3Error("NoSuchVersion", { Key: key, VersionId });
  }
  if (version.isDeleteMarker !== true) return version;
  throw VersionId === undefined ? s3Error("NoSuchKey", { Key: key }) : s3Error("MethodNotAllowed", { Method: "GET" });
}
