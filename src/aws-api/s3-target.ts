import { AwsError } from "./aws-error.ts";
import { bucketOfHost } from "./aws-host.ts";
import type { WireRequest } from "./wire.ts";

/** What an S3 request is about, by its host (`BUCKET.s3.REGION.amazonaws.com`) and its path. */
export interface S3Target {
  bucket: string | undefined;
  key: string | undefined;
}

export function s3TargetOf({ host, path }: Pick<WireRequest, "host" | "path">): S3Target {
  const parts = path.slice(1).split("/");
  const bucket = bucketOfHost(host) ?? parts.shift() ?? "";
  const key = parts.join("/");
  return {
    bucket: bucket === "" ? undefined : decodePath(bucket),
    key: key === "" ? undefined : decodePath(key),
  };
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.", { members: { URI: text }, cause });
  }
}
