import type * as Sdk from "@aws-sdk/client-s3";
import { s3Error } from "./s3-errors.ts";

/** A bucket as it is stored. */
export interface BucketRecord {
  name: string;
  region: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Absent for a bucket that never was versioned. */
  versioning?: Sdk.BucketVersioningStatus;
  publicAccessBlock?: Sdk.PublicAccessBlockConfiguration;
  encryption: Sdk.ServerSideEncryptionConfiguration;
  policy?: string;
  tags?: Sdk.Tag[];
}

/** What AWS gives a bucket that says nothing else, since April 2023. */
export function newBucket(name: string, region: string, createdAt: number): BucketRecord {
  return {
    name,
    region,
    createdAt,
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    encryption: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
    },
  };
}

const nameShape = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;
const reserved = /\.\.|^xn--|^sthree-|-s3alias$|--ol-s3$|^\d+\.\d+\.\d+\.\d+$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function checkBucketName(name: string): void {
  if (!nameShape.test(name) || reserved.test(name)) throw s3Error("InvalidBucketName", { BucketName: name });
}
