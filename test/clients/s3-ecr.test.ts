// The AWS CLI and boto3 against S3 and ECR, with nothing changed but the endpoint.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type ContentAccount, region, startContentAccount } from "../fixtures/content-account.ts";

const run = promisify(execFile);
const lacksCli = existsSync("/usr/bin/aws") ? false : "the AWS CLI is not installed";
const lacksBoto = existsSync("/usr/lib/python3/dist-packages/boto3") ? false : "boto3 is not installed";
let account: ContentAccount;
let localEndpoint: string[];

before(async () => {
  account = await startContentAccount();
  // The CLI of 2022 does not read AWS_ENDPOINT_URL.
  localEndpoint = ["--endpoint-url", `http://${account.host}`];
});
after(async () => {
  assert.deepEqual(account.defects, []);
  await account.close();
});

async function aws(...words: string[]): Promise<string> {
  const { stdout } = await run("/usr/bin/aws", [...localEndpoint, ...words], { env: account.environment });
  return stdout;
}

async function awsError(...words: string[]): Promise<string> {
  try {
    await aws(...words);
  } catch (error) {
    return (error as { stderr: string }).stderr.trim();
  }
  throw new Error(`aws ${words.join(" ")} succeeded`);
}

test("aws s3 makes a bucket, copies, lists, moves and removes", { skip: lacksCli }, async () => {
  const file = join(account.directory, "small.txt");
  writeFileSync(file, "some text");
  await aws("s3", "mb", "s3://artifacts");
  await aws("s3", "cp", file, "s3://artifacts/dir with blank/ü+.txt");
  assert.match(await aws("s3", "ls", "s3://artifacts"), /PRE dir with blank\//);
  assert.match(await aws("s3", "ls", "--recursive", "s3://artifacts"), /9 dir with blank\/ü\+\.txt/);
  await aws("s3", "cp", "s3://artifacts/dir with blank/ü+.txt", "s3://artifacts/copy.txt");
  await aws("s3", "mv", "s3://artifacts/copy.txt", "s3://artifacts/moved.txt");
  assert.equal(await aws("s3", "cp", "s3://artifacts/moved.txt", "-"), "some text");
  assert.match(
    await awsError("s3", "rb", "s3://artifacts"),
    /BucketNotEmpty.*The bucket you tried to delete is not empty/,
  );
  await aws("s3", "rb", "--force", "s3://artifacts");
  assert.equal(await aws("s3", "ls"), "");
});

test("aws s3 cp sends a large file in parts and gets it back whole", { skip: lacksCli }, async () => {
  const file = join(account.directory, "large.bin");
  const bytes = randomBytes(20 * 1024 * 1024 + 17);
  writeFileSync(file, bytes);
  await aws("s3", "mb", "s3://large");
  await aws("s3", "cp", file, "s3://large/large.bin");
  await aws("s3", "cp", "s3://large/large.bin", "s3://large/copy.bin");
  await aws("s3", "cp", "s3://large/copy.bin", `${file}.back`);
  assert.ok(readFileSync(`${file}.back`).equals(bytes));
  const head = JSON.parse(await aws("s3api", "head-object", "--bucket", "large", "--key", "large.bin"));
  assert.match(head.ETag, /^"[0-9a-f]{32}-3"$/);
});

test("aws s3 sync copies what is new and deletes what is gone", { skip: lacksCli }, async () => {
  const directory = join(account.directory, "site");
  await run("mkdir", ["-p", join(directory, "sub")]);
  writeFileSync(join(directory, "index.html"), "<p>");
  writeFileSync(join(directory, "sub", "a.txt"), "a");
  // S3 tells times in whole seconds: sync takes a file of the same second for newer than its copy.
  const aMinuteAgo = new Date(Date.now() - 60_000);
  for (const name of ["index.html", "sub/a.txt"]) utimesSync(join(directory, name), aMinuteAgo, aMinuteAgo);
  await aws("s3", "mb", "s3://site");
  await aws("s3", "sync", directory, "s3://site");
  assert.equal(await aws("s3", "sync", directory, "s3://site"), "");
  await run("rm", [join(directory, "sub", "a.txt")]);
  assert.match(await aws("s3", "sync", "--delete", directory, "s3://site"), /delete: s3:\/\/site\/sub\/a.txt/);
  const type = await aws("s3api", "head-object", "--bucket", "site", "--key", "index.html", "--query", "ContentType");
  assert.equal(type.trim(), '"text/html"');
});

test("aws s3api shows versions, and errors by AWS's names", { skip: lacksCli }, async () => {
  await aws("s3", "mb", "s3://versions");
  const bucket = ["--bucket", "versions"];
  await aws("s3api", "put-bucket-versioning", ...bucket, "--versioning-configuration", "Status=Enabled");
  const { VersionId } = JSON.parse(await aws("s3api", "put-object", ...bucket, "--key", "k"));
  const { DeleteMarker } = JSON.parse(await aws("s3api", "delete-object", ...bucket, "--key", "k"));
  assert.equal(DeleteMarker, true);
  const { Versions } = JSON.parse(await aws("s3api", "list-object-versions", ...bucket));
  assert.deepEqual(
    Versions.map((version: { VersionId: string }) => version.VersionId),
    [VersionId],
  );
  assert.match(
    await awsError("s3api", "get-object", ...bucket, "--key", "k", "/dev/null"),
    /\(NoSuchKey\).*The specified key does not exist\./,
  );
  assert.match(await awsError("s3api", "head-object", ...bucket, "--key", "k"), /\(404\)/);
  assert.match(
    await awsError("s3api", "get-bucket-lifecycle-configuration", ...bucket),
    /NotImplemented|not implemented|not supported/i,
  );
});

const boto = `
import boto3, sys, json, hashlib, urllib.request
from botocore.config import Config
endpoint = sys.argv[1]
s3 = boto3.client("s3", endpoint_url=endpoint, config=Config(signature_version="s3v4"))
s3.create_bucket(Bucket="boto", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
s3.put_object(Bucket="boto", Key="k/e y+", Body=b"hello", Metadata={"a": "b"}, ChecksumAlgorithm="SHA256")
got = s3.get_object(Bucket="boto", Key="k/e y+", Range="bytes=1-3", ChecksumMode="ENABLED")
part = got["Body"].read().decode()
whole = s3.get_object(Bucket="boto", Key="k/e y+", ChecksumMode="ENABLED")
body = whole["Body"].read()
url = s3.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "k/e y+", "ResponseContentType": "text/x"})
presigned = urllib.request.urlopen(url)
for n in range(5): s3.put_object(Bucket="boto", Key="page/%d" % n, Body=b"")
pages = [[o["Key"] for o in page["Contents"]] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="boto", Prefix="page/", PaginationConfig={"PageSize": 2})]
deleted = s3.delete_objects(Bucket="boto", Delete={"Objects": [{"Key": "page/0"}, {"Key": "page/1"}]})["Deleted"]
try: s3.get_object(Bucket="none", Key="k")
except s3.exceptions.NoSuchBucket as error: missing = error.response["Error"]
try: s3.get_object(Bucket="boto", Key="k/e y+", IfNoneMatch=whole["ETag"])
except Exception as error: unchanged = error.response["ResponseMetadata"]["HTTPStatusCode"]
ecr = boto3.client("ecr", endpoint_url=endpoint)
uri = ecr.create_repository(repositoryName="boto/app")["repository"]["repositoryUri"]
def layer(data):
    upload = ecr.initiate_layer_upload(repositoryName="boto/app")["uploadId"]
    ecr.upload_layer_part(repositoryName="boto/app", uploadId=upload, partFirstByte=0, partLastByte=len(data) - 1, layerPartBlob=data)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    ecr.complete_layer_upload(repositoryName="boto/app", uploadId=upload, layerDigests=[digest])
    return {"digest": digest, "size": len(data)}
manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **layer(b"{}")},
    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer(b"layer")}]})
ecr.put_image(repositoryName="boto/app", imageManifest=manifest, imageTag="v1")
detail = ecr.describe_images(repositoryName="boto/app")["imageDetails"][0]
link = ecr.get_download_url_for_layer(repositoryName="boto/app", layerDigest="sha256:" + hashlib.sha256(b"layer").hexdigest())["downloadUrl"]
try: ecr.put_image(repositoryName="boto/app", imageManifest=manifest, imageTag="v1")
except ecr.exceptions.ImageAlreadyExistsException as error: again = error.response["Error"]["Message"]
print(json.dumps({"part": part, "body": body.decode(), "checksum": whole["ChecksumSHA256"], "metadata": whole["Metadata"],
    "presigned": [presigned.read().decode(), presigned.headers["Content-Type"]], "pages": pages, "deleted": deleted,
    "missing": missing["BucketName"], "unchanged": unchanged, "uri": uri, "size": detail["imageSizeInBytes"], "tags": detail["imageTags"],
    "layer": urllib.request.urlopen(link).read().decode(), "again": again}))
`;

test("boto3 uses S3 and ECR", { skip: lacksBoto }, async () => {
  const { stdout } = await run("/usr/bin/python3", ["-c", boto, `http://${account.host}`], {
    env: account.environment,
  });
  const { again, ...result } = JSON.parse(stdout);
  assert.deepEqual(result, {
    part: "ell",
    body: "hello",
    checksum: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
    metadata: { a: "b" },
    presigned: ["hello", "text/x"],
    pages: [["page/0", "page/1"], ["page/2", "page/3"], ["page/4"]],
    deleted: [{ Key: "page/0" }, { Key: "page/1" }],
    missing: "none",
    unchanged: 304,
    uri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/boto/app",
    size: 7,
    tags: ["v1"],
    layer: "layer",
  });
  assert.match(again, /^Image with digest 'sha256:[0-9a-f]{64}' and tag 'v1' already exists in the repository/);
});

test("aws ecr creates, describes and deletes a repository, with AWS's errors", { skip: lacksCli }, async () => {
  await aws("ecr", "create-repository", "--repository-name", "cli/app", "--image-tag-mutability", "IMMUTABLE");
  const { repositories } = JSON.parse(await aws("ecr", "describe-repositories", "--repository-names", "cli/app"));
  assert.equal(repositories[0].imageTagMutability, "IMMUTABLE");
  assert.match(
    await awsError("ecr", "create-repository", "--repository-name", "cli/app"),
    /\(RepositoryAlreadyExistsException\).*already exists in the registry with id '111122223333'/,
  );
  assert.match(
    await awsError("ecr", "start-image-scan", "--repository-name", "cli/app", "--image-id", "imageTag=x"),
    /StartImageScan/,
  );
  assert.ok((await aws("ecr", "get-login-password")).trim().length > 100);
  await aws("ecr", "delete-repository", "--repository-name", "cli/app");
  assert.match(
    await awsError("ecr", "list-images", "--repository-name", "cli/app"),
    /\(RepositoryNotFoundException\).*The repository with name 'cli\/app' does not exist/,
  );
});

const javascript = `
import { GetObjectCommand, PutObjectCommand, S3Client, CreateBucketCommand } from "@aws-sdk/client-s3";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
const endpoint = process.argv[1];
const s3 = new S3Client({ endpoint, forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: "javascript" }));
const put = await s3.send(new PutObjectCommand({ Bucket: "javascript", Key: "k", Body: "hello" }));
const got = await s3.send(new GetObjectCommand({ Bucket: "javascript", Key: "k" }));
const { authorizationData } = await new ECRClient({ endpoint }).send(new GetAuthorizationTokenCommand({}));
console.log(JSON.stringify([await got.Body.transformToString(), put.ChecksumCRC32, authorizationData[0].proxyEndpoint]));
`;

test("the AWS SDK for JavaScript uses S3 and ECR, checksums and all", async () => {
  const words = ["--input-type=module", "-e", javascript, `http://${account.host}`];
  const env = { ...account.environment, AWS_REGION: region };
  const { stdout } = await run(process.execPath, words, { env });
  assert.deepEqual(JSON.parse(stdout), ["hello", "NhCmhg==", "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com"]);
});
