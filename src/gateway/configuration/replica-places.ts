import { UsageError } from "../../usage-error.ts";

/** Where replicas keep what they have pulled. */
export interface BucketPlace {
  bucket: string;
  /** Empty for the bucket itself. */
  prefix: string;
}

/** `s3://BUCKET/PREFIX`. Throws UsageError CONFIG_CONTENT. */
export function parseBucketPlace(text: string): BucketPlace {
  const [, bucket, prefix = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket !== undefined) return { bucket, prefix: prefix.replace(/^\/+|\/+$/g, "") };
  throw new UsageError("CONFIG_CONTENT", `the content is not s3://BUCKET/PREFIX: ${text}`, {
    hint: "such as s3://acme-images/gateway; leave it out to keep what was pulled in --state DIR",
  });
}

/** `redis://HOST:PORT`. Throws UsageError CONFIG_LEDGER, without the text: it may hold a password. */
export function checkRedisUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "") return text;
  throw new UsageError("CONFIG_LEDGER", "the ledger is not redis://HOST:PORT or rediss://HOST:PORT", {
    hint: "a password goes into the configuration file: ledger: redis://:PASSWORD@HOST:6379",
  });
}
