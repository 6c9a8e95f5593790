import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { openS3, textOf } from "../../../test/fixtures/s3-calls.ts";
import { digestOf } from "../../oci/digest.ts";

const Bucket = "objects";
let s3: ReturnType<typeof openS3>;
before(async () => {
  s3 = openS3();
  await s3.call("CreateBucket", { Bucket });
});
after(() => s3.close());

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

for (const [kind, Body] of [
  ["a Readable", Readable.from([Buffer.from("he"), Buffer.from("llo")])],
  ["bytes", Buffer.from("hello")],
  ["a string", "hello"],
] as const) {
  test(`takes ${kind} as a body and gives it back with its MD5 and settings`, async () => {
    const { ETag } = await s3.call("PutObject", {
      Bucket,
      Key: kind,
      Body,
      ContentType: "text/plain",
      Metadata: { a: "b" },
    });
    assert.equal(ETag, `"${md5("hello")}"`);
    const output = await s3.call("GetObject", { Bucket, Key: kind });
    assert.equal(await textOf(output.Body), "hello");
    assert.equal(output.ContentLength, 5);
    assert.equal(output.ContentType, "text/plain");
    assert.deepEqual(output.Metadata, { a: "b" });
  });
}

test("answers for a missing bucket, key and version in AWS's words", async () => {
  await assert.rejects(s3.call("GetObject", { Bucket: "nowhere", Key: "k" }), {
    name: "NoSuchBucket",
    message: "The specified bucket does not exist",
    members: { BucketName: "nowhere" },
  });
  await assert.rejects(s3.call("GetObject", { Bucket, Key: "none" }), {
    name: "NoSuchKey",
    message: "The specified key does not exist.",
    members: { Key: "none" },
  });
  await assert.rejects(s3.call("GetObject", { Bucket, Key: "none", VersionId: "v" }), { name: "NoSuchVersion" });
  await assert.rejects(s3.call("HeadObject", { Bucket, Key: "none" }), { name: "NotFound", statusCode: 404 });
});

const ranges: [range: string, text: string, contentRange: string | undefined][] = [
  ["bytes=2-4", "234", "bytes 2-4/10"],
  ["bytes=7-", "789", "bytes 7-9/10"],
  ["bytes=-3", "789", "bytes 7-9/10"],
  ["bytes=5-500", "56789", "bytes 5-9/10"],
  ["items=1-2", "0123456789", undefined],
];
for (const [Range, text, contentRange] of ranges) {
  test(`gives ${Range} of ten bytes`, async () => {
    await s3.call("PutObject", { Bucket, Key: "digits", Body: "0123456789" });
    const output = await s3.call("GetObject", { Bucket, Key: "digits", Range });
    assert.equal(await textOf(output.Body), text);
    assert.equal(output.ContentRange, contentRange);
    assert.equal(output.ContentLength, text.length);
  });
}

test("refuses a range behind the end", async () => {
  await assert.rejects(s3.call("GetObject", { Bucket, Key: "digits", Range: "bytes=10-" }), {
    name: "InvalidRange",
    statusCode: 416,
    members: { RangeRequested: "bytes=10-", ActualObjectSize: 10 },
  });
});

test("reads and writes on conditions", async () => {
  const { ETag } = await s3.call("PutObject", { Bucket, Key: "guarded", Body: "1" });
  await assert.rejects(s3.call("GetObject", { Bucket, Key: "guarded", IfNoneMatch: ETag }), { statusCode: 304 });
  await assert.rejects(s3.call("GetObject", { Bucket, Key: "guarded", IfMatch: '"other"' }), {
    name: "PreconditionFailed",
  });
  const write = (conditions: object) => s3.call("PutObject", { Bucket, Key: "guarded", Body: "2", ...conditions });
  await assert.rejects(write({ IfNoneMatch: "*" }), { name: "PreconditionFailed" });
  await assert.rejects(write({ IfMatch: '"other"' }), { name: "PreconditionFailed" });
  await write({ IfMatch: ETag });
  assert.equal(await textOf((await s3.call("GetObject", { Bucket, Key: "guarded" })).Body), "2");
});

const checksums: [member: string, value: string][] = [
  ["ChecksumCRC32", "y/Q5Jg=="],
  ["ChecksumCRC32C", "4waSgw=="],
  ["ChecksumCRC64NVME", "rosUhgp5mIg="],
  ["ChecksumSHA1", createHash("sha1").update("123456789").digest("base64")],
  ["ChecksumSHA256", createHash("sha256").update("123456789").digest("base64")],
];
for (const [member, value] of checksums) {
  test(`verifies ${member} and gives it back when asked`, async () => {
    const input = { Bucket, Key: member, Body: "123456789" };
    const put: Record<string, unknown> = await s3.call("PutObject", { ...input, [member]: value });
    assert.equal(put[member], value);
    const read: Record<string, unknown> = await s3.call("HeadObject", { Bucket, Key: member, ChecksumMode: "ENABLED" });
    assert.equal(read[member], value);
    assert.equal(read.ChecksumType, "FULL_OBJECT");
    await assert.rejects(s3.call("PutObject", { ...input, Body: "other", [member]: value }), { name: "BadDigest" });
    assert.equal((await s3.call("HeadObject", { Bucket, Key: member })).ContentLength, 9);
  });
}

test("refuses a body that Content-MD5 does not fit, and a checksum that it cannot verify", async () => {
  const ContentMD5 = Buffer.from(md5("a"), "hex").toString("base64");
  await assert.rejects(s3.call("PutObject", { Bucket, Key: "bad", Body: "b", ContentMD5 }), { name: "BadDigest" });
  await assert.rejects(s3.call("PutObject", { Bucket, Key: "bad", Body: "b", ContentMD5: "x" }), {
    name: "InvalidDigest",
  });
  await assert.rejects(s3.call("PutObject", { Bucket, Key: "bad", Body: "b", ChecksumXXHASH3: "x" }), {
    name: "NotImplemented",
  });
  await assert.rejects(s3.call("GetObject", { Bucket, Key: "bad" }), { name: "NoSuchKey" });
});

test("refuses what it does not do: ACLs, object lock, customer keys", async () => {
  const put = (input: object) => s3.call("PutObject", { Bucket, Key: "x", Body: "x", ...input });
  await assert.rejects(put({ ACL: "public-read" }), { name: "AccessControlListNotSupported" });
  await assert.rejects(put({ ObjectLockMode: "GOVERNANCE" }), { name: "InvalidRequest" });
  await assert.rejects(put({ SSECustomerAlgorithm: "AES256" }), { name: "NotImplemented" });
});

test("does not keep aws-chunked as the object's own encoding", async () => {
  await s3.call("PutObject", { Bucket, Key: "coded", Body: "x", ContentEncoding: "aws-chunked,gzip" });
  assert.equal((await s3.call("HeadObject", { Bucket, Key: "coded" })).ContentEncoding, "gzip");
});

test("copies an object, and deleting one leaves the other whole", async () => {
  await s3.call("PutObject", { Bucket, Key: "dir/source é", Body: "copied", ContentType: "text/x" });
  const CopySource = `/${Bucket}/${encodeURIComponent("dir/source é")}`;
  await s3.call("CopyObject", { Bucket, Key: "target", CopySource });
  await s3.call("CopyObject", {
    Bucket,
    Key: "other",
    CopySource,
    MetadataDirective: "REPLACE",
    ContentType: "text/y",
  });
  await s3.call("DeleteObject", { Bucket, Key: "dir/source é" });
  await setImmediate();
  const target = await s3.call("GetObject", { Bucket, Key: "target" });
  assert.equal(await textOf(target.Body), "copied");
  assert.equal(target.ContentType, "text/x");
  assert.equal((await s3.call("HeadObject", { Bucket, Key: "other" })).ContentType, "text/y");
  await assert.rejects(s3.call("CopyObject", { Bucket, Key: "target", CopySource: `${Bucket}/target` }), {
    name: "InvalidRequest",
  });
});

test("content goes with the last object that has it", async () => {
  const body = "unique content";
  await s3.call("PutObject", { Bucket, Key: "one", Body: body });
  await s3.call("PutObject", { Bucket, Key: "two", Body: body });
  const Delete = { Objects: [{ Key: "one" }, { Key: "never was" }] };
  const { Deleted } = await s3.call("DeleteObjects", { Bucket, Delete });
  assert.deepEqual(Deleted, [{ Key: "one" }, { Key: "never was" }]);
  await setImmediate();
  assert.equal(await s3.files.size(digestOf(body)), body.length);
  await s3.call("PutObject", { Bucket, Key: "two", Body: "overwritten" });
  await setImmediate();
  assert.equal(await s3.files.size(digestOf(body)), undefined);
});

test("keeps versions where the bucket is versioned", async () => {
  const versioned = { Bucket: "versions", Key: "k" };
  await s3.call("CreateBucket", { Bucket: "versions" });
  await s3.call("PutObject", { ...versioned, Body: "before" });
  await s3.call("PutBucketVersioning", { Bucket: "versions", VersioningConfiguration: { Status: "Enabled" } });
  const { VersionId: first } = await s3.call("PutObject", { ...versioned, Body: "1" });
  const { VersionId: second } = await s3.call("PutObject", { ...versioned, Body: "2" });
  assert.notEqual(first, second);
  const read = async (VersionId?: string) =>
    textOf((await s3.call("GetObject", { ...versioned, ...(VersionId === undefined ? {} : { VersionId }) })).Body);
  assert.deepEqual([await read(), await read(first), await read("null")], ["2", "1", "before"]);
  const { DeleteMarker, VersionId: marker } = await s3.call("DeleteObject", versioned);
  assert.equal(DeleteMarker, true);
  await assert.rejects(read(), { name: "NoSuchKey" });
  await assert.rejects(read(marker), { name: "MethodNotAllowed" });
  const listed = await s3.call("ListObjectVersions", { Bucket: "versions" });
  assert.deepEqual(
    listed.Versions?.map(({ VersionId }) => VersionId),
    [second, first, "null"],
  );
  assert.deepEqual(
    listed.DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
    [[marker, true]],
  );
  const page = await s3.call("ListObjectVersions", { Bucket: "versions", MaxKeys: 2 });
  const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
  const next = await s3.call("ListObjectVersions", { Bucket: "versions", KeyMarker, VersionIdMarker });
  assert.deepEqual(
    next.Versions?.map(({ VersionId }) => VersionId),
    [first, "null"],
  );
  await s3.call("DeleteObject", { ...versioned, VersionId: marker });
  assert.equal(await read(), "2");
  await assert.rejects(s3.call("DeleteBucket", { Bucket: "versions" }), { name: "BucketNotEmpty" });
});

test("keeps tags of an object", async () => {
  await s3.call("PutObject", { Bucket, Key: "tagged", Body: "x", Tagging: "a=1&b=two%20words" });
  assert.equal((await s3.call("HeadObject", { Bucket, Key: "tagged" })).TagCount, 2);
  const { TagSet } = await s3.call("GetObjectTagging", { Bucket, Key: "tagged" });
  assert.deepEqual(TagSet, [
    { Key: "a", Value: "1" },
    { Key: "b", Value: "two words" },
  ]);
});

test("asks for permission on bucket/key, and on both objects of a copy", () => {
  const permissions = (name: "PutObject" | "GetObject", input: object) =>
    s3.operations[name]?.permissions({ Bucket, Key: "a/b", ...input } as never, s3.context(name));
  assert.deepEqual(permissions("PutObject", {}), [{ action: "s3:PutObject", resource: "arn:aws:s3:::objects/a/b" }]);
  assert.deepEqual(permissions("GetObject", { VersionId: "1" }), [
    { action: "s3:GetObjectVersion", resource: "arn:aws:s3:::objects/a/b" },
  ]);
  const copy = { Bucket, Key: "k", CopySource: "from/a%20b" };
  assert.deepEqual(s3.operations.CopyObject?.permissions(copy, s3.context("CopyObject")), [
    { action: "s3:GetObject", resource: "arn:aws:s3:::from/a b" },
    { action: "s3:PutObject", resource: "arn:aws:s3:::objects/k" },
  ]);
});
