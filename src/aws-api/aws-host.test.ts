import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOfHost, parseAwsHost, servedAwsHost } from "./aws-host.ts";

const hosts: [host: string, service: string | undefined, bucket?: string][] = [
  ["sts.amazonaws.com", "sts"],
  ["STS.amazonaws.com:443", "sts"],
  ["sts.eu-west-1.amazonaws.com", "sts"],
  ["sts.us-gov-west-1.amazonaws.com", "sts"],
  ["api.ecr.eu-west-1.amazonaws.com", "ecr"],
  ["ecr.eu-west-1.api.aws", "ecr"],
  ["secretsmanager-fips.us-east-1.amazonaws.com", "secretsmanager"],
  ["logs.eu-west-1.amazonaws.com", "logs"],
  ["s3.amazonaws.com", "s3"],
  ["s3.eu-west-1.amazonaws.com", "s3"],
  ["s3-eu-west-1.amazonaws.com", "s3"],
  ["s3.dualstack.eu-west-1.amazonaws.com", "s3"],
  ["bucket.s3.amazonaws.com", "s3", "bucket"],
  ["my.bucket.s3.eu-west-1.amazonaws.com", "s3", "my.bucket"],
  ["bucket.s3.dualstack.eu-west-1.amazonaws.com", "s3", "bucket"],
  ["bucket.s3-eu-west-1.amazonaws.com", "s3", "bucket"],
  ["111122223333.dkr.ecr.eu-west-1.amazonaws.com", undefined],
  ["111122223333.s3-control.eu-west-1.amazonaws.com", undefined],
  ["lambda.eu-west-1.amazonaws.com", undefined],
  ["amazonaws.com", undefined],
  ["sts.amazonaws.com.example.org", undefined],
  ["xsts.amazonaws.com", undefined],
  ["awscli.amazonaws.com", undefined],
];

for (const [host, service, bucket] of hosts) {
  test(`takes ${host} for ${service ?? "no service"}${bucket === undefined ? "" : ` and bucket ${bucket}`}`, () => {
    assert.equal(parseAwsHost(host)?.service, service);
    assert.equal(bucketOfHost(host), bucket);
  });
}

test("serves the hosts of the services that are present, and no other's", () => {
  assert.equal(servedAwsHost("sts.amazonaws.com", ["sts"]), "sts");
  assert.equal(servedAwsHost("sts.amazonaws.com", ["iam"]), undefined);
});

test("takes the buckets that SDKs put before localhost", () => {
  assert.equal(bucketOfHost("bucket.localhost:4566"), "bucket");
  assert.equal(bucketOfHost("bucket.s3.localhost:4566"), "bucket");
  assert.equal(bucketOfHost("s3.localhost"), undefined);
  assert.equal(bucketOfHost("localhost:4566"), undefined);
  assert.equal(bucketOfHost("127.0.0.1:4566"), undefined);
});
