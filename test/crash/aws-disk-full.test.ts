// S3 and the API of ECR on a little file system of their own, which is full now and then.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { digestOf } from "../../src/oci/digest.ts";
import { type ContentAccount, startContentAccount } from "../fixtures/content-account.ts";
import { imageManifest } from "../fixtures/registry-server.ts";
import { fillDisk, mountSmallDisk } from "../fixtures/small-disk.ts";

const megabyte = 1024 * 1024;

async function openOnSmallDisk(t: TestContext) {
  const disk = mountSmallDisk(t, 16 * megabyte);
  if (disk === undefined) return undefined;
  const { directory } = disk;
  const account = await startContentAccount(directory);
  disk.beforeEnd(account.close);
  return { account, directory, client: clientOptions(account) };
}

/** One attempt: a full disk is retried by the SDK, as any 5xx is. */
function clientOptions({ host, region, credentials }: ContentAccount) {
  return { endpoint: `http://${host}`, region, credentials: credentials.owner, maxAttempts: 1 };
}

const noRoom = {
  name: "ServiceUnavailable",
  message: "There is no room left on the disk that holds this account's state.",
};

test("S3 says that the disk is full, shows nothing of what did not fit, and goes on when there is room", async (t) => {
  const opened = await openOnSmallDisk(t);
  if (opened === undefined) return;
  const { account, directory, client } = opened;
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  t.after(() => s3.destroy());
  const [Bucket, Key] = ["full", "object"];
  const LocationConstraint = "eu-west-1";
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: "before" }));
  const read = async (key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key: key }))).Body?.transformToString();

  const large = Buffer.alloc(20 * megabyte);
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key, Body: large })), noRoom);
  const upload = { Bucket, Key: "parts" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
  const part = (PartNumber: number, Body: Buffer | string) =>
    s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }));
  const five = Buffer.alloc(5 * megabyte, 1);
  const first = await part(1, five);
  await assert.rejects(part(2, large), noRoom);
  const makeRoom = fillDisk(directory);
  await assert.rejects(part(2, "last"), noRoom);
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: "other", Body: "x" })), noRoom);

  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  assert.deepEqual(
    Contents.map((object) => object.Key),
    [Key],
  );
  assert.equal(await read(Key), "before");
  const { Parts = [] } = await s3.send(new ListPartsCommand({ ...upload, UploadId }));
  assert.deepEqual(
    Parts.map(({ PartNumber }) => PartNumber),
    [1],
  );
  makeRoom();
  const last = await part(2, "last");
  const parts = [first, last].map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
  const finish = () =>
    s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: parts } }));
  const again = fillDisk(directory);
  await assert.rejects(finish(), noRoom);
  again();
  await finish();
  assert.equal((await read("parts"))?.length, 5 * megabyte + 4);
  assert.deepEqual([account.incoming(), account.defects], [[], []]);
});

test("the API of ECR says that the disk is full, keeps what it has, and goes on when there is room", async (t) => {
  const opened = await openOnSmallDisk(t);
  if (opened === undefined) return;
  const { account, directory, client } = opened;
  const ecr = new ECRClient(client);
  t.after(() => ecr.destroy());
  const repositoryName = "app";
  const full = { name: "ServerException", message: "the registry has no room left on its disk" };
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const initiate = async () => (await ecr.send(new InitiateLayerUploadCommand({ repositoryName }))).uploadId;
  const upload = (uploadId: string | undefined, layerPartBlob: Buffer, partFirstByte = 0) => {
    const partLastByte = partFirstByte + layerPartBlob.length - 1;
    const input = { repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob };
    return ecr.send(new UploadLayerPartCommand(input));
  };
  const complete = (uploadId: string | undefined, body: string) =>
    ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digestOf(body)] }));
  const push = async (body: string) => {
    const uploadId = await initiate();
    await upload(uploadId, Buffer.from(body));
    await complete(uploadId, body);
  };
  const put = (tag: string, manifest: string) =>
    ecr.send(new PutImageCommand({ repositoryName, imageTag: tag, imageManifest: manifest }));
  for (const body of ["{}", "layer"]) await push(body);
  await put("before", imageManifest("{}", "layer"));

  const uploadId = await initiate();
  await upload(uploadId, Buffer.from("first, "));
  const makeRoom = fillDisk(directory);
  await assert.rejects(upload(uploadId, Buffer.alloc(megabyte), 7), full);
  const annotated = imageManifest("{}", "layer", { annotations: { a: "b".repeat(100_000) } });
  await assert.rejects(put("after", annotated), full);
  const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
  assert.deepEqual(
    imageDetails.map(({ imageTags }) => imageTags),
    [["before"]],
  );
  makeRoom();
  await upload(uploadId, Buffer.from("second"), 7);
  await complete(uploadId, "first, second");
  await put("after", annotated);
  assert.deepEqual([account.incoming(), account.defects], [[], []]);
});
