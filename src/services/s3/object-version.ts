import type { Digest } from "../../oci/digest.ts";
import type { Checksums } from "./object-checksums.ts";
import type { ObjectSettings } from "./object-settings.ts";

/** All versions of the object under a key, the newest first. */
export interface ObjectRecord {
  key: string;
  versions: ObjectVersion[];
}

export interface ObjectVersion extends ObjectContent {
  /** `null` for what is written while the bucket is not versioned, as on the wire. */
  versionId: string;
  /** Milliseconds since 1970, cut to the second as HTTP does. */
  lastModified: number;
  /** Marks the object as deleted; a marker has no content. */
  isDeleteMarker?: true;
  settings: ObjectSettings;
  tags?: Record<string, string>;
}

export interface ObjectContent {
  digest: Digest;
  /** Who holds the content in the content store: one holder a version or part. */
  holder: string;
  size: number;
  /** MD5, or for a multipart upload MD5 of the parts' MD5 and `-` and their number. Without quotes. */
  etag: string;
  checksums: Checksums;
}

type Versioning = "Enabled" | "Suspended" | undefined;

/** The record with `version` as the newest, and what it pushes out: only `null` is ever overwritten. */
export function addVersion(
  record: ObjectRecord,
  version: ObjectVersion,
): { record: ObjectRecord; gone: ObjectVersion[] } {
  const isGone = (old: ObjectVersion) => version.versionId === "null" && old.versionId === "null";
  return {
    record: { ...record, versions: [version, ...record.versions.filter((old) => !isGone(old))] },
    gone: record.versions.filter(isGone),
  };
}

export function nextVersionId(versioning: Versioning, newId: () => string): string {
  return versioning === "Enabled" ? newId() : "null";
}

export function formatEtag(etag: string): string {
  return `"${etag}"`;
}
