import type { BucketRecord } from "./bucket.ts";
import type { S3Operations } from "./s3.ts";
import { s3Error } from "./s3-errors.ts";
import { onBucket } from "./s3-permission.ts";
import type { S3Store } from "./s3-store.ts";

/** Settings of a bucket that are kept and given back; versioning alone changes how objects are written. */
export function bucketSettingsOperations(s3: S3Store): S3Operations {
  return { ...accessSettings(s3), ...contentSettings(s3) };
}

function changeBucket(s3: S3Store, name: string | undefined, changes: Partial<BucketRecord>) {
  const bucket = s3.getBucket(name);
  s3.buckets.put(bucket.name, { ...bucket, ...changes });
  return {};
}

function removeSetting(s3: S3Store, name: string | undefined, setting: "policy" | "tags" | "publicAccessBlock") {
  const { [setting]: _, ...bucket } = s3.getBucket(name);
  s3.buckets.put(bucket.name, bucket);
  return {};
}

function accessSettings(s3: S3Store): S3Operations {
  return {
    GetBucketPolicy: {
      permissions: onBucket("GetBucketPolicy"),
      run({ Bucket }) {
        const { policy, name } = s3.getBucket(Bucket);
        if (policy === undefined) throw s3Error("NoSuchBucketPolicy", { BucketName: name });
        return { Policy: policy };
      },
    },
    PutBucketPolicy: {
      permissions: onBucket("PutBucketPolicy"),
      run: ({ Bucket, Policy }) => changeBucket(s3, Bucket, { policy: readPolicy(Policy) }),
    },
    DeleteBucketPolicy: {
      permissions: onBucket("DeleteBucketPolicy"),
      run: ({ Bucket }) => removeSetting(s3, Bucket, "policy"),
    },
    GetPublicAccessBlock: {
      permissions: onBucket("GetBucketPublicAccessBlock"),
      run({ Bucket }) {
        const { publicAccessBlock, name } = s3.getBucket(Bucket);
        if (publicAccessBlock === undefined)
          throw s3Error("NoSuchPublicAccessBlockConfiguration", { BucketName: name });
        return { PublicAccessBlockConfiguration: publicAccessBlock };
      },
    },
    PutPublicAccessBlock: {
      permissions: onBucket("PutBucketPublicAccessBlock"),
      run({ Bucket, PublicAccessBlockConfiguration: publicAccessBlock }) {
        if (publicAccessBlock === undefined) throw s3Error("MalformedXML");
        return changeBucket(s3, Bucket, { publicAccessBlock });
      },
    },
    DeletePublicAccessBlock: {
      permissions: onBucket("PutBucketPublicAccessBlock"),
      run: ({ Bucket }) => removeSetting(s3, Bucket, "publicAccessBlock"),
    },
  };
}

function contentSettings(s3: S3Store): S3Operations {
  return {
    GetBucketVersioning: {
      permissions: onBucket("GetBucketVersioning"),
      run({ Bucket }) {
        const { versioning } = s3.getBucket(Bucket);
        return versioning === undefined ? {} : { Status: versioning };
      },
    },
    PutBucketVersioning: {
      permissions: onBucket("PutBucketVersioning"),
      run({ Bucket, VersioningConfiguration: { Status, MFADelete } = {} }) {
        if (Status !== "Enabled" && Status !== "Suspended") throw s3Error("MalformedXML");
        if (MFADelete === "Enabled") throw s3Error("NotImplemented", {}, "MFA delete is not implemented");
        return changeBucket(s3, Bucket, { versioning: Status });
      },
    },
    GetBucketEncryption: {
      permissions: onBucket("GetEncryptionConfiguration"),
      run: ({ Bucket }) => ({ ServerSideEncryptionConfiguration: s3.getBucket(Bucket).encryption }),
    },
    PutBucketEncryption: {
      permissions: onBucket("PutEncryptionConfiguration"),
      run({ Bucket, ServerSideEncryptionConfiguration: encryption }) {
        if (encryption?.Rules === undefined) throw s3Error("MalformedXML");
        return changeBucket(s3, Bucket, { encryption });
      },
    },
    GetBucketTagging: {
      permissions: onBucket("GetBucketTagging"),
      run({ Bucket }) {
        const { tags, name } = s3.getBucket(Bucket);
        if (tags === undefined) throw s3Error("NoSuchTagSet", { BucketName: name });
        return { TagSet: tags };
      },
    },
    PutBucketTagging: {
      permissions: onBucket("PutBucketTagging"),
      run: ({ Bucket, Tagging }) => changeBucket(s3, Bucket, { tags: Tagging?.TagSet ?? [] }),
    },
    DeleteBucketTagging: {
      permissions: onBucket("PutBucketTagging"),
      run: ({ Bucket }) => removeSetting(s3, Bucket, "tags"),
    },
  };
}

function readPolicy(text = ""): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw s3Error("MalformedPolicy");
}
