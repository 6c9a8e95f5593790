import type { HeldContent } from "../../store/held-content.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { BucketRecord } from "./bucket.ts";
import type { UploadRecord } from "./multipart-upload.ts";
import type { ObjectContent, ObjectRecord } from "./object-version.ts";
import { s3Error } from "./s3-errors.ts";

/** Buckets and the metadata of their objects; the bytes lie in the content store. */
export interface S3Store {
  store: Store;
  content: HeldContent;
  buckets: Collection<BucketRecord>;
  /** By key, in S3's order. */
  objects(bucket: string): Collection<ObjectRecord>;
  /** By upload ID. */
  uploads(bucket: string): Collection<UploadRecord>;
  /** Throws NoSuchBucket. */
  getBucket(name: string | undefined): BucketRecord;
  release(contents: readonly ObjectContent[]): void;
  now(): Date;
  newId(): string;
}

export interface S3Parts {
  store: Store;
  /** Shared with the registry: both must go through the same HeldContent. */
  content: HeldContent;
  now(): Date;
  /** Unique each time; for version and upload IDs. */
  newId(): string;
}

export function openS3Store({ store, content, now, newId }: S3Parts): S3Store {
  const buckets = store.collection<BucketRecord>("s3-bucket");
  return {
    store,
    content,
    buckets,
    now,
    newId,
    objects: (bucket) => store.collection(`s3-object ${bucket}`),
    uploads: (bucket) => store.collection(`s3-upload ${bucket}`),
    getBucket(name = "") {
      const bucket = buckets.get(name);
      if (bucket === undefined) throw s3Error("NoSuchBucket", { BucketName: name });
      return bucket;
    },
    release(contents) {
      for (const { holder, digest } of contents) content.release(holder, digest);
    },
  };
}
