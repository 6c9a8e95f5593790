import { createHash } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-s3";
import { type ChecksumMember, type Checksums, compositeChecksum } from "./object-checksums.ts";
import type { ObjectSettings } from "./object-settings.ts";
import type { ObjectContent } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";

/** A multipart upload that is neither completed nor aborted. */
export interface UploadRecord {
  uploadId: string;
  key: string;
  startedAt: number;
  settings: ObjectSettings;
  tags?: Record<string, string>;
  checksumAlgorithm?: string;
  checksumType?: Sdk.ChecksumType;
  /** By part number. */
  parts: Record<string, PartRecord>;
}

export interface PartRecord extends ObjectContent {
  partNumber: number;
  lastModified: number;
}

/** Of each part but the last. */
const minimumPartSize = 5 * 1024 * 1024;

/** The parts that a completion names, in its order, which must be ascending. */
export function selectParts(upload: UploadRecord, { Parts = [] }: Sdk.CompletedMultipartUpload): PartRecord[] {
  if (Parts.length === 0) throw s3Error("MalformedXML");
  const selected = Parts.map((asked, place) => {
    if (place > 0 && (Parts[place - 1]?.PartNumber ?? 0) >= (asked.PartNumber ?? 0)) throw s3Error("InvalidPartOrder");
    const part = upload.parts[String(asked.PartNumber)];
    const { uploadId: UploadId } = upload;
    if (part === undefined || part.etag !== asked.ETag?.replaceAll('"', "") || !hasChecksums(part, asked)) {
      throw s3Error("InvalidPart", { UploadId, PartNumber: asked.PartNumber, ETag: asked.ETag });
    }
    return part;
  });
  const small = selected.slice(0, -1).find(({ size }) => size < minimumPartSize);
  if (small !== undefined) {
    throw s3Error("EntityTooSmall", {
      ProposedSize: small.size,
      MinSizeAllowed: minimumPartSize,
      PartNumber: small.partNumber,
    });
  }
  return selected;
}

function hasChecksums(part: PartRecord, asked: Sdk.CompletedPart): boolean {
  return Object.entries(part.checksums).every(([member, value]) => {
    const given = asked[member as ChecksumMember];
    return given === undefined || given === value;
  });
}

export function multipartEtag(parts: readonly PartRecord[]): string {
  const hash = createHash("md5");
  for (const { etag } of parts) hash.update(Buffer.from(etag, "hex"));
  return `${hash.digest("hex")}-${parts.length}`;
}

/** `whole` are those of the bytes in a row; a composite one is made of the parts'. */
export function multipartChecksums(upload: UploadRecord, parts: readonly PartRecord[], whole: Checksums): Checksums {
  const { checksumAlgorithm, checksumType } = upload;
  if (checksumAlgorithm === undefined || checksumType === "FULL_OBJECT") return whole;
  return compositeChecksum(
    checksumAlgorithm,
    parts.map(({ checksums }) => checksums),
  );
}
