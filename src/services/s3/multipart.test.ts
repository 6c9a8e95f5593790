import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { openS3 } from "../../../test/fixtures/s3-calls.ts";
import { digestOf } from "../../oci/digest.ts";

const Bucket = "multipart";
let s3: ReturnType<typeof openS3>;
before(async () => {
  s3 = openS3();
  await s3.call("CreateBucket", { Bucket });
});
after(() => s3.close());

const large = Buffer.alloc(5 * 1024 * 1024, "a");
const small = Buffer.from("the end");

async function start(Key: string, options: object = {}): Promise<{ Bucket: string; Key: string; UploadId: string }> {
  const { UploadId = "" } = await s3.call("CreateMultipartUpload", { Bucket, Key, ...options });
  return { Bucket, Key, UploadId };
}

const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();

test("joins parts in their order, under the MD5 of their MD5s, and keeps no part", async () => {
  const upload = await start("joined", { ContentType: "text/x" });
  const second = await s3.call("UploadPart", { ...upload, PartNumber: 7, Body: small });
  const first = await s3.call("UploadPart", { ...upload, PartNumber: 2, Body: large });
  const { Parts } = await s3.call("ListParts", upload);
  assert.deepEqual(
    Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [2, large.length],
      [7, small.length],
    ],
  );
  const MultipartUpload = {
    Parts: [
      { PartNumber: 2, ETag: first.ETag },
      { PartNumber: 7, ETag: second.ETag },
    ],
  };
  const { ETag } = await s3.call("CompleteMultipartUpload", { ...upload, MultipartUpload });
  assert.equal(ETag, `"${md5(Buffer.concat([md5(large), md5(small)])).toString("hex")}-2"`);
  const output = await s3.call("GetObject", { Bucket, Key: "joined" });
  assert.deepEqual(await buffer(output.Body as Readable), Buffer.concat([large, small]));
  assert.equal(output.ContentType, "text/x");
  await setImmediate();
  assert.equal(await s3.files.size(digestOf(small)), undefined);
  await assert.rejects(s3.call("ListParts", upload), { name: "NoSuchUpload" });
});

test("refuses a completion with unknown, misordered or too small parts", async () => {
  const upload = await start("refused");
  const { ETag: one } = await s3.call("UploadPart", { ...upload, PartNumber: 1, Body: small });
  const { ETag: two } = await s3.call("UploadPart", { ...upload, PartNumber: 2, Body: small });
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    s3.call("CompleteMultipartUpload", { ...upload, MultipartUpload: { Parts } });
  await assert.rejects(complete([{ PartNumber: 3, ETag: one }]), { name: "InvalidPart" });
  await assert.rejects(complete([{ PartNumber: 1, ETag: '"x"' }]), { name: "InvalidPart" });
  await assert.rejects(
    complete([
      { PartNumber: 2, ETag: two },
      { PartNumber: 1, ETag: one },
    ]),
    { name: "InvalidPartOrder" },
  );
  await assert.rejects(
    complete([
      { PartNumber: 1, ETag: one },
      { PartNumber: 2, ETag: two },
    ]),
    { name: "EntityTooSmall" },
  );
  await assert.rejects(complete([]), { name: "MalformedXML" });
});

test("lists uploads under way, and an aborted one leaves nothing", async () => {
  const upload = await start("aborted");
  await s3.call("UploadPart", { ...upload, PartNumber: 1, Body: "to be aborted" });
  const uploads = async () => (await s3.call("ListMultipartUploads", { Bucket, Prefix: "aborted" })).Uploads ?? [];
  assert.deepEqual(
    (await uploads()).map(({ UploadId }) => UploadId),
    [upload.UploadId],
  );
  await s3.call("AbortMultipartUpload", upload);
  await setImmediate();
  assert.deepEqual(await uploads(), []);
  assert.equal(await s3.files.size(digestOf("to be aborted")), undefined);
  await assert.rejects(s3.call("UploadPart", { ...upload, PartNumber: 1, Body: "x" }), { name: "NoSuchUpload" });
});

test("takes a range of another object as a part", async () => {
  await s3.call("PutObject", { Bucket, Key: "source", Body: "0123456789" });
  const upload = await start("from-copy");
  const part = { ...upload, PartNumber: 1, CopySource: `${Bucket}/source`, CopySourceRange: "bytes=2-4" };
  const { CopyPartResult } = await s3.call("UploadPartCopy", part);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
  await s3.call("CompleteMultipartUpload", { ...upload, MultipartUpload });
  const output = await s3.call("GetObject", { Bucket, Key: "from-copy" });
  assert.equal((await buffer(output.Body as Readable)).toString(), "234");
});

test("gives a composite checksum of the parts, or one of the whole where that is asked for", async () => {
  const complete = async (Key: string, options: object) => {
    const upload = await start(Key, options);
    const { ETag } = await s3.call("UploadPart", { ...upload, PartNumber: 1, Body: "123456789" });
    await s3.call("CompleteMultipartUpload", { ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
    return s3.call("HeadObject", { Bucket, Key, ChecksumMode: "ENABLED" });
  };
  const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
  const composite = await complete("composite", { ChecksumAlgorithm: "SHA256" });
  assert.equal(composite.ChecksumSHA256, `${sha256(sha256(Buffer.from("123456789"))).toString("base64")}-1`);
  assert.equal(composite.ChecksumType, "COMPOSITE");
  const whole = await complete("whole", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  assert.equal(whole.ChecksumCRC32, "y/Q5Jg==");
  assert.equal(whole.ChecksumType, "FULL_OBJECT");
});
