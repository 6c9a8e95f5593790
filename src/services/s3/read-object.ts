import type { Readable } from "node:stream";
import type * as Sdk from "@aws-sdk/client-s3";
import type { AwsError } from "../../aws-api/aws-error.ts";
import { checkReadConditions } from "./conditions.ts";
import { getVersion } from "./find-version.ts";
import { defined, describeSettings } from "./object-settings.ts";
import { formatEtag, type ObjectVersion } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";
import type { S3Store } from "./s3-store.ts";

interface ByteRange {
  start: number;
  /** Inclusive. */
  end: number;
}

type Selected = { version: ObjectVersion; range: ByteRange | undefined };

/** A plain Readable: the SDK's `transformTo…` methods are for clients, and cost 25 ms to load. */
type SdkBody = Readable & NonNullable<Sdk.GetObjectCommandOutput["Body"]>;

export function getObject(s3: S3Store, input: Sdk.GetObjectCommandInput) {
  const { version, range } = selectObject(s3, input);
  const body = s3.content.read(version.digest, version.size === 0 ? undefined : range);
  return { ...describeObject(version, range, input), Body: body as SdkBody };
}

export function headObject(s3: S3Store, input: Sdk.HeadObjectCommandInput) {
  try {
    const { version, range } = selectObject(s3, input);
    return describeObject(version, range, input);
  } catch (error) {
    // A HEAD has no body that could name the error.
    if ((error as AwsError).name === "NoSuchKey" || (error as AwsError).name === "NoSuchVersion")
      throw s3Error("NotFound");
    throw error;
  }
}

function selectObject(s3: S3Store, input: Sdk.GetObjectCommandInput): Selected {
  if (input.SSECustomerAlgorithm !== undefined) {
    throw s3Error("NotImplemented", { Header: "x-amz-server-side-encryption-customer-algorithm" });
  }
  if (input.PartNumber !== undefined)
    throw s3Error("NotImplemented", {}, "Reading one part of an object is not implemented");
  const version = getVersion(s3, input);
  checkReadConditions(version, input);
  return { version, range: parseRange(input.Range, version.size) };
}

/** One range, cut at the end of the object. Anything else means the whole, as for S3. */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const range =
    first === ""
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
  if (first !== "" && last !== "" && Number(first) > Number(last)) return undefined;
  if (range.start > range.end) throw s3Error("InvalidRange", { RangeRequested: header, ActualObjectSize: size });
  return range;
}

function describeObject(version: ObjectVersion, range: ByteRange | undefined, input: Sdk.GetObjectCommandInput) {
  const { size, etag, lastModified, settings, tags, versionId, checksums } = version;
  return {
    ...describeSettings(settings),
    ...responseOverrides(input),
    AcceptRanges: "bytes",
    LastModified: new Date(lastModified),
    ETag: formatEtag(etag),
    ContentLength: range === undefined ? size : range.end - range.start + 1,
    ...defined("ContentRange", range === undefined ? undefined : `bytes ${range.start}-${range.end}/${size}`),
    ...defined("VersionId", versionId === "null" ? undefined : versionId),
    ...defined("TagCount", tags === undefined ? undefined : Object.keys(tags).length),
    ...(input.ChecksumMode === "ENABLED" && range === undefined ? describeChecksums(checksums) : {}),
  };
}

export function describeChecksums(checksums: ObjectVersion["checksums"]) {
  const [value] = Object.values(checksums);
  if (value === undefined) return {};
  const ChecksumType: Sdk.ChecksumType = value.includes("-") ? "COMPOSITE" : "FULL_OBJECT";
  return { ...checksums, ChecksumType };
}

/** `response-content-type=…` of a presigned link. */
function responseOverrides(input: Sdk.GetObjectCommandInput) {
  return {
    ...defined("ContentType", input.ResponseContentType),
    ...defined("ContentDisposition", input.ResponseContentDisposition),
    ...defined("ContentEncoding", input.ResponseContentEncoding),
    ...defined("ContentLanguage", input.ResponseContentLanguage),
    ...defined("CacheControl", input.ResponseCacheControl),
  };
}
