import type * as Sdk from "@aws-sdk/client-s3";
import { s3Error } from "./s3-errors.ts";

/** What a writer says of an object, and a reader gets back. */
export interface ObjectSettings {
  ContentType: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  /** As an HTTP date. */
  Expires?: string;
  WebsiteRedirectLocation?: string;
  StorageClass?: Sdk.StorageClass;
  ServerSideEncryption?: Sdk.ServerSideEncryption;
  SSEKMSKeyId?: string;
  Metadata?: Record<string, string>;
}

type SettingsInput = Pick<
  Sdk.PutObjectRequest,
  | "ACL"
  | "CacheControl"
  | "ContentDisposition"
  | "ContentEncoding"
  | "ContentLanguage"
  | "ContentType"
  | "Expires"
  | "Metadata"
  | "ObjectLockMode"
  | "ObjectLockLegalHoldStatus"
  | "SSECustomerAlgorithm"
  | "SSEKMSKeyId"
  | "ServerSideEncryption"
  | "StorageClass"
  | "WebsiteRedirectLocation"
>;

/** Canned ACLs that a bucket with ACLs disabled (AWS's default) still takes. */
const harmlessAcls: readonly string[] = ["private", "bucket-owner-full-control"];

export function readObjectSettings(input: SettingsInput): ObjectSettings {
  refuseUnsupported(input);
  const contentEncoding = contentEncodingOf(input.ContentEncoding);
  return {
    ContentType: input.ContentType ?? "binary/octet-stream",
    ...defined("CacheControl", input.CacheControl),
    ...defined("ContentDisposition", input.ContentDisposition),
    ...defined("ContentEncoding", contentEncoding),
    ...defined("ContentLanguage", input.ContentLanguage),
    ...defined("Expires", input.Expires?.toUTCString()),
    ...defined("WebsiteRedirectLocation", input.WebsiteRedirectLocation),
    ...defined("StorageClass", input.StorageClass === "STANDARD" ? undefined : input.StorageClass),
    ...defined("ServerSideEncryption", input.ServerSideEncryption),
    ...defined("SSEKMSKeyId", input.SSEKMSKeyId),
    ...defined("Metadata", input.Metadata),
  };
}

function refuseUnsupported({ ACL, SSECustomerAlgorithm, ObjectLockMode, ObjectLockLegalHoldStatus }: SettingsInput) {
  if (SSECustomerAlgorithm !== undefined)
    throw s3Error("NotImplemented", { Header: "x-amz-server-side-encryption-customer-algorithm" });
  if (ACL !== undefined && !harmlessAcls.includes(ACL)) throw s3Error("AccessControlListNotSupported");
  if (ObjectLockMode !== undefined || ObjectLockLegalHoldStatus !== undefined) {
    throw s3Error("InvalidRequest", {}, "Bucket is missing Object Lock Configuration");
  }
}

/** `aws-chunked` is how the body came, not how the object is encoded. */
function contentEncodingOf(header: string | undefined): string | undefined {
  const codings = header?.split(",").map((coding) => coding.trim());
  return codings?.filter((coding) => coding !== "aws-chunked" && coding !== "").join(",") || undefined;
}

/** A member only where it has a value. */
export function defined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Exclude<Value, undefined> } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Exclude<Value, undefined> };
}

/** As output members of GetObject and HeadObject. */
export function describeSettings({ Expires, ...settings }: ObjectSettings) {
  return {
    ...settings,
    ...defined("ExpiresString", Expires),
    ...defined("Expires", Expires === undefined ? undefined : new Date(Expires)),
  };
}

/** `a=b&c=d`, the header's way. */
export function parseTagging(text: string | undefined): Record<string, string> | undefined {
  return text === undefined ? undefined : Object.fromEntries(new URLSearchParams(text));
}
