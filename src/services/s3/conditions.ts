import type { ObjectVersion } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";

export interface ReadConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
}

/** Throws PreconditionFailed or NotModified, in the order of https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 */
export function checkReadConditions({ etag, lastModified }: ObjectVersion, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined && !matches(IfMatch, etag)) throw s3Error("PreconditionFailed", { Condition: "If-Match" });
  if (IfMatch === undefined && IfUnmodifiedSince !== undefined && lastModified > IfUnmodifiedSince.getTime()) {
    throw s3Error("PreconditionFailed", { Condition: "If-Unmodified-Since" });
  }
  if (IfNoneMatch !== undefined && matches(IfNoneMatch, etag)) throw s3Error("NotModified");
  if (IfNoneMatch === undefined && IfModifiedSince !== undefined && lastModified <= IfModifiedSince.getTime()) {
    throw s3Error("NotModified");
  }
}

/** A writer's conditions on what is there now. */
export function checkWriteConditions(
  current: ObjectVersion | undefined,
  {
    IfMatch,
    IfNoneMatch,
    Key = "",
  }: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined; Key?: string | undefined },
): void {
  const existing = current?.isDeleteMarker === true ? undefined : current;
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== "*") throw s3Error("NotImplemented", { Header: "If-None-Match" });
    if (existing !== undefined) throw s3Error("PreconditionFailed", { Condition: "If-None-Match" });
  }
  if (IfMatch === undefined) return;
  if (existing === undefined) throw s3Error("NoSuchKey", { Key });
  if (!matches(IfMatch, existing.etag)) throw s3Error("PreconditionFailed", { Condition: "If-Match" });
}

function matches(header: string, etag: string): boolean {
  return header.split(",").some((part) => {
    const text = part.trim().replace(/^W\//, "").replaceAll('"', "");
    return text === "*" || text === etag;
  });
}
