import { createHash } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-s3";
import type { CallContext } from "../../aws-api/service.ts";
import { checkBucketName, newBucket } from "./bucket.ts";
import type { S3Operations } from "./s3.ts";
import { s3Error } from "./s3-errors.ts";
import { onBucket } from "./s3-permission.ts";
import type { S3Store } from "./s3-store.ts";

export function bucketOperations(s3: S3Store): S3Operations {
  return {
    CreateBucket: { permissions: onBucket("CreateBucket"), run: (input, context) => createBucket(s3, input, context) },
    DeleteBucket: { permissions: onBucket("DeleteBucket"), run: ({ Bucket }) => deleteBucket(s3, Bucket) },
    HeadBucket: {
      permissions: onBucket("ListBucket"),
      run({ Bucket = "" }) {
        const bucket = s3.buckets.get(Bucket);
        if (bucket === undefined) throw s3Error("NotFound");
        return { BucketRegion: bucket.region };
      },
    },
    ListBuckets: {
      permissions: () => [{ action: "s3:ListAllMyBuckets", resource: "*" }],
      run({ Prefix, BucketRegion }, { account }) {
        const buckets = s3.buckets.list(Prefix ?? "").filter(({ region }) => (BucketRegion ?? region) === region);
        return {
          Buckets: buckets.map(({ name, createdAt, region }) => ({
            Name: name,
            CreationDate: new Date(createdAt),
            BucketRegion: region,
          })),
          Owner: ownerOf(account),
          ...(Prefix === undefined ? {} : { Prefix }),
        };
      },
    },
    GetBucketLocation: {
      permissions: onBucket("GetBucketLocation"),
      run({ Bucket }) {
        const { region } = s3.getBucket(Bucket);
        // The oldest region has no name here.
        return region === "us-east-1" ? {} : { LocationConstraint: region as Sdk.BucketLocationConstraint };
      },
    },
    GetBucketAcl: {
      permissions: onBucket("GetBucketAcl"),
      run({ Bucket }, { account }) {
        s3.getBucket(Bucket);
        const Owner = ownerOf(account);
        return { Owner, Grants: [{ Grantee: { ...Owner, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }] };
      },
    },
  };
}

/** AWS's canonical user ID is 64 hexadecimal digits without meaning. */
export function ownerOf(account: string): { ID: string } {
  return { ID: createHash("sha256").update(account).digest("hex") };
}

function createBucket(s3: S3Store, input: Sdk.CreateBucketCommandInput, { region, host }: CallContext) {
  const { Bucket: name = "", CreateBucketConfiguration: configuration, ACL, ObjectLockEnabledForBucket } = input;
  checkBucketName(name);
  if (ACL !== undefined && ACL !== "private") throw s3Error("AccessControlListNotSupported");
  if (ObjectLockEnabledForBucket === true) throw s3Error("NotImplemented", {}, "Object Lock is not implemented");
  // A call from inside the process means the region that it runs in.
  const place = configuration?.LocationConstraint ?? (host === undefined ? region : "us-east-1");
  if (region !== "us-east-1" && place !== region) throw s3Error("IllegalLocationConstraintException");
  const existing = s3.buckets.get(name);
  // us-east-1's endpoint answers a repeated creation with success. A stack must not take over what it did not make.
  const isRepeatable = host !== undefined && existing?.region === "us-east-1" && place === "us-east-1";
  if (existing !== undefined && !isRepeatable) {
    throw s3Error("BucketAlreadyOwnedByYou", { BucketName: name });
  }
  const bucket = existing ?? newBucket(name, place, s3.now().getTime());
  s3.buckets.put(name, { ...bucket, ...(configuration?.Tags === undefined ? {} : { tags: configuration.Tags }) });
  return {
    Location: place === "us-east-1" ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
    BucketArn: `arn:aws:s3:::${name}`,
  };
}

function deleteBucket(s3: S3Store, Bucket: string | undefined) {
  const { name, versioning } = s3.getBucket(Bucket);
  if (s3.objects(name).list().length > 0) {
    const message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
    throw s3Error("BucketNotEmpty", { BucketName: name }, versioning === undefined ? undefined : message);
  }
  s3.store.transaction(() => {
    for (const { uploadId, parts } of s3.uploads(name).list()) {
      s3.uploads(name).delete(uploadId);
      s3.release(Object.values(parts));
    }
    s3.buckets.delete(name);
  });
  return {};
}
