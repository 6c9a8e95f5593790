import type * as Sdk from "@aws-sdk/client-s3";
import { digestOf } from "../../oci/digest.ts";
import { getRecord, type VersionInput } from "./find-version.ts";
import { addVersion, nextVersionId, type ObjectRecord, type ObjectVersion } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";
import { contentsOf, wholeSecond } from "./write-object.ts";

type Deletion = Pick<Sdk.DeleteObjectOutput, "DeleteMarker" | "VersionId">;

/** Removes a version, or the object; a versioned bucket gets a marker instead. Succeeds where there is nothing. */
export function deleteObject(s3: S3Store, input: VersionInput): Deletion {
  return s3.store.transaction(() => {
    const record = getRecord(s3, input);
    const { name, versioning } = s3.getBucket(input.Bucket);
    if (input.VersionId !== undefined) return deleteVersion(s3, name, record, input.VersionId);
    if (versioning !== undefined) return addDeleteMarker(s3, name, record, nextVersionId(versioning, s3.newId));
    s3.objects(name).delete(record.key);
    s3.release(contentsOf(record.versions));
    return {};
  });
}

function deleteVersion(s3: S3Store, bucket: string, record: ObjectRecord, versionId: string): Deletion {
  const gone = record.versions.filter((version) => version.versionId === versionId);
  const versions = record.versions.filter((version) => version.versionId !== versionId);
  if (versions.length === 0) s3.objects(bucket).delete(record.key);
  else s3.objects(bucket).put(record.key, { ...record, versions });
  s3.release(contentsOf(gone));
  return { VersionId: versionId, ...(gone[0]?.isDeleteMarker === true ? { DeleteMarker: true } : {}) };
}

function addDeleteMarker(s3: S3Store, bucket: string, existing: ObjectRecord, versionId: string): Deletion {
  const marker: ObjectVersion = {
    versionId,
    isDeleteMarker: true,
    lastModified: wholeSecond(s3.now()),
    digest: digestOf(""),
    holder: "",
    size: 0,
    etag: "",
    checksums: {},
    settings: { ContentType: "" },
  };
  const { record, gone } = addVersion(existing, marker);
  s3.objects(bucket).put(record.key, record);
  s3.release(contentsOf(gone));
  return { DeleteMarker: true, VersionId: versionId };
}

export function deleteObjects(s3: S3Store, { Bucket, Delete }: Sdk.DeleteObjectsCommandInput) {
  s3.getBucket(Bucket);
  const objects = Delete?.Objects ?? [];
  if (objects.length === 0 || objects.length > 1000) throw s3Error("MalformedXML");
  const Deleted = objects.map(({ Key, VersionId }): Sdk.DeletedObject => {
    const { DeleteMarker, VersionId: id } = deleteObject(s3, { Bucket, Key, VersionId });
    const marker =
      DeleteMarker === undefined ? {} : { DeleteMarker, ...(id === undefined ? {} : { DeleteMarkerVersionId: id }) };
    return { Key, ...(VersionId === undefined ? {} : { VersionId }), ...marker };
  });
  return Delete?.Quiet === true ? {} : { Deleted };
}
