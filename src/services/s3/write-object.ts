import { checkWriteConditions } from "./conditions.ts";
import { getRecord } from "./find-version.ts";
import type { ObjectSettings } from "./object-settings.ts";
import { addVersion, formatEtag, nextVersionId, type ObjectContent, type ObjectVersion } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";

export interface ObjectWrite {
  Bucket?: string | undefined;
  Key?: string | undefined;
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
}

/** Before a body is received: what would be refused anyway. */
export function checkWrite(s3: S3Store, input: ObjectWrite): void {
  checkKey(input.Key);
  checkWriteConditions(getRecord(s3, input).versions[0], input);
}

export function checkKey(key = ""): void {
  const Size = Buffer.byteLength(key);
  if (Size > 1024) throw s3Error("KeyTooLongError", { Size, MaxSizeAllowed: 1024 });
}

/** Does what gives stored content its place, whole or not at all; where it is refused, the content is let go. */
export function keepContent<R>(s3: S3Store, content: ObjectContent, work: () => R): R {
  try {
    return s3.store.transaction(work);
  } catch (error) {
    s3.release([content]);
    throw error;
  }
}

/** Makes stored content the newest version of an object. Call within `keepContent`. */
export function writeObject(
  s3: S3Store,
  input: ObjectWrite,
  content: ObjectContent,
  details: { settings: ObjectSettings; tags?: Record<string, string> | undefined },
): ObjectVersion {
  const bucket = s3.getBucket(input.Bucket);
  const existing = getRecord(s3, input);
  checkWriteConditions(existing.versions[0], input);
  const version: ObjectVersion = {
    ...content,
    versionId: nextVersionId(bucket.versioning, s3.newId),
    lastModified: wholeSecond(s3.now()),
    settings: details.settings,
    ...(details.tags === undefined ? {} : { tags: details.tags }),
  };
  const { record, gone } = addVersion(existing, version);
  s3.objects(bucket.name).put(record.key, record);
  s3.release(contentsOf(gone));
  return version;
}

export function contentsOf(versions: readonly ObjectVersion[]): ObjectVersion[] {
  return versions.filter(({ isDeleteMarker }) => isDeleteMarker !== true);
}

/** HTTP dates know no milliseconds, so that conditions on them would fail otherwise. */
export function wholeSecond(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}

/** What a writer is told. */
export function describeWrite({ etag, checksums, versionId, settings }: ObjectVersion) {
  const { ServerSideEncryption, SSEKMSKeyId } = settings;
  return {
    ETag: formatEtag(etag),
    ...checksums,
    ...(versionId === "null" ? {} : { VersionId: versionId }),
    ...(ServerSideEncryption === undefined ? {} : { ServerSideEncryption }),
    ...(SSEKMSKeyId === undefined ? {} : { SSEKMSKeyId }),
  };
}
