import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openS3 } from "../../../test/fixtures/s3-calls.ts";

let s3: ReturnType<typeof openS3>;
before(() => {
  s3 = openS3();
});
after(() => s3.close());

for (const Bucket of ["ab", "Upper", "under_score", "a..b", "-start", "192.168.0.1", "x".repeat(64)]) {
  test(`refuses the bucket name ${Bucket}`, async () => {
    await assert.rejects(s3.call("CreateBucket", { Bucket }), {
      name: "InvalidBucketName",
      members: { BucketName: Bucket },
    });
  });
}

test("creates a bucket once, tells its region, and deletes it when it is empty", async () => {
  const Bucket = "my.bucket-1";
  await s3.call("CreateBucket", { Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
  await assert.rejects(s3.call("CreateBucket", { Bucket }), {
    name: "BucketAlreadyOwnedByYou",
    statusCode: 409,
    members: { BucketName: Bucket },
  });
  assert.equal((await s3.call("GetBucketLocation", { Bucket })).LocationConstraint, "eu-west-1");
  assert.equal((await s3.call("HeadBucket", { Bucket })).BucketRegion, "eu-west-1");
  assert.deepEqual(
    (await s3.call("ListBuckets", {})).Buckets?.map(({ Name }) => Name),
    [Bucket],
  );
  await s3.call("PutObject", { Bucket, Key: "k", Body: "" });
  await assert.rejects(s3.call("DeleteBucket", { Bucket }), {
    name: "BucketNotEmpty",
    members: { BucketName: Bucket },
  });
  await s3.call("DeleteObject", { Bucket, Key: "k" });
  await s3.call("DeleteBucket", { Bucket });
  await assert.rejects(s3.call("HeadBucket", { Bucket }), { name: "NotFound" });
});

test("refuses a location that is not the region's", async () => {
  const CreateBucketConfiguration = { LocationConstraint: "us-west-2" } as const;
  await assert.rejects(s3.call("CreateBucket", { Bucket: "far-away", CreateBucketConfiguration }), {
    name: "IllegalLocationConstraintException",
  });
});

test("gives back a bucket's settings, and AWS's defaults where nothing is set", async () => {
  const Bucket = "settings";
  await s3.call("CreateBucket", { Bucket });
  assert.deepEqual(await s3.call("GetBucketVersioning", { Bucket }), {});
  const block = await s3.call("GetPublicAccessBlock", { Bucket });
  assert.equal(block.PublicAccessBlockConfiguration?.BlockPublicPolicy, true);
  await assert.rejects(s3.call("GetBucketPolicy", { Bucket }), { name: "NoSuchBucketPolicy" });
  await assert.rejects(s3.call("PutBucketPolicy", { Bucket, Policy: "no" }), { name: "MalformedPolicy" });
  await s3.call("PutBucketPolicy", { Bucket, Policy: '{"Statement":[]}' });
  assert.deepEqual(await s3.call("GetBucketPolicy", { Bucket }), { Policy: '{"Statement":[]}' });
  await s3.call("DeleteBucketPolicy", { Bucket });
  await assert.rejects(s3.call("GetBucketPolicy", { Bucket }), { name: "NoSuchBucketPolicy" });
  await assert.rejects(s3.call("GetBucketTagging", { Bucket }), { name: "NoSuchTagSet" });
});

const keys = ["a", "dir/1", "dir/2", "dir/sub/3", "é", "z z"];

test("lists keys in byte order, grouped and in pages", async () => {
  const Bucket = "listed";
  await s3.call("CreateBucket", { Bucket });
  for (const Key of keys) await s3.call("PutObject", { Bucket, Key, Body: Key });
  const list = async (input: object) => {
    const { Contents = [], CommonPrefixes = [], ...rest } = await s3.call("ListObjectsV2", { Bucket, ...input });
    return { keys: Contents.map(({ Key }) => Key), prefixes: CommonPrefixes.map(({ Prefix }) => Prefix), ...rest };
  };
  assert.deepEqual((await list({})).keys, ["a", "dir/1", "dir/2", "dir/sub/3", "z z", "é"]);
  const grouped = await list({ Delimiter: "/" });
  assert.deepEqual([grouped.keys, grouped.prefixes, grouped.KeyCount], [["a", "z z", "é"], ["dir/"], 4]);
  const inside = await list({ Delimiter: "/", Prefix: "dir/" });
  assert.deepEqual([inside.keys, inside.prefixes], [["dir/1", "dir/2"], ["dir/sub/"]]);
  assert.deepEqual((await list({ EncodingType: "url", Prefix: "z" })).keys, ["z%20z"]);
  assert.deepEqual((await list({ StartAfter: "dir/2" })).keys, ["dir/sub/3", "z z", "é"]);
  const seen: unknown[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await list({ Delimiter: "/", MaxKeys: 1, ContinuationToken });
    seen.push(...page.keys, ...page.prefixes);
    ContinuationToken = page.NextContinuationToken;
    assert.equal(page.IsTruncated, ContinuationToken !== undefined);
  } while (ContinuationToken !== undefined);
  assert.deepEqual(seen, ["a", "dir/", "z z", "é"]);
});

test("pages the first version of the listing by marker", async () => {
  const first = await s3.call("ListObjects", { Bucket: "listed", MaxKeys: 2, Delimiter: "/" });
  assert.equal(first.NextMarker, "dir/");
  const second = await s3.call("ListObjects", { Bucket: "listed", Delimiter: "/", Marker: first.NextMarker });
  assert.deepEqual(
    second.Contents?.map(({ Key }) => Key),
    ["z z", "é"],
  );
  assert.equal(second.CommonPrefixes, undefined);
});

test("gives the condition keys of a listing", () => {
  const input = { Bucket: "listed", Prefix: "dir/", MaxKeys: 5 };
  assert.deepEqual(s3.operations.ListObjectsV2?.permissions(input, s3.context("ListObjectsV2")), [
    {
      action: "s3:ListBucket",
      resource: "arn:aws:s3:::listed",
      conditionValues: { "s3:prefix": "dir/", "s3:max-keys": "5" },
    },
  ]);
});

test("answers a repeated creation with success at the endpoint of us-east-1, and not inside the process", async (t) => {
  const other = openS3({ region: "us-east-1" });
  t.after(() => other.close());
  const onWire = { ...other.context("CreateBucket"), host: "s3.amazonaws.com" };
  const create = () => other.operations.CreateBucket?.run({ Bucket: "twice" }, onWire);
  assert.deepEqual(await create(), await create());
  await assert.rejects(other.call("CreateBucket", { Bucket: "twice" }), { name: "BucketAlreadyOwnedByYou" });
});
