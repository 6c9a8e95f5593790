import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, type EcrServer, root, startEcrServer } from "../../../test/fixtures/ecr-server.ts";
import { imageManifest } from "../../../test/fixtures/registry-server.ts";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";
import { parseRegistryHost } from "./registry-host.ts";

let server: EcrServer;
before(async () => {
  server = await startEcrServer();
});
after(() => server.close());

async function putLayer(repositoryName: string, text: string): Promise<void> {
  const { uploadId } = await server.call("InitiateLayerUpload", { repositoryName });
  const part = { repositoryName, uploadId, layerPartBlob: Buffer.from(text) };
  await server.call("UploadLayerPart", { ...part, partFirstByte: 0, partLastByte: text.length - 1 });
  await server.call("CompleteLayerUpload", { repositoryName, uploadId, layerDigests: [digestOf(text)] });
}

async function putImage(repositoryName: string, imageTag: string, layer: string): Promise<string> {
  const { layers = [] } = await server.call("BatchCheckLayerAvailability", {
    repositoryName,
    layerDigests: [digestOf("{}"), digestOf(layer)],
  });
  for (const [position, text] of ["{}", layer].entries()) {
    if (layers[position]?.layerAvailability === "UNAVAILABLE") await putLayer(repositoryName, text);
  }
  const imageManifestText = imageManifest("{}", layer);
  await server.call("PutImage", { repositoryName, imageTag, imageManifest: imageManifestText });
  return imageManifestText;
}

test("describes a repository with AWS's ARN and URI, and refuses its name a second time", async () => {
  const input = {
    repositoryName: "team/app",
    imageScanningConfiguration: { scanOnPush: true },
    tags: [{ Key: "a", Value: "b" }],
  };
  const { repository } = await server.call("CreateRepository", input);
  assert.equal(repository?.repositoryUri, "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app");
  assert.equal(repository?.repositoryArn, "arn:aws:ecr:eu-west-1:111122223333:repository/team/app");
  assert.equal(repository?.imageTagMutability, "MUTABLE");
  assert.deepEqual(repository?.imageScanningConfiguration, { scanOnPush: true });
  await assert.rejects(server.call("CreateRepository", { repositoryName: "team/app" }), {
    name: "RepositoryAlreadyExistsException",
    message: "The repository with name 'team/app' already exists in the registry with id '111122223333'",
  });
  const { repositories } = await server.call("DescribeRepositories", { repositoryNames: ["team/app"] });
  assert.deepEqual(repositories, [repository]);
  const { tags } = await server.call("ListTagsForResource", { resourceArn: repository?.repositoryArn });
  assert.deepEqual(tags, [{ Key: "a", Value: "b" }]);
});

test("refuses a repository name that ECR would refuse", async () => {
  for (const repositoryName of ["UPPER", "a", "a//b", "x".repeat(257)]) {
    await assert.rejects(server.call("CreateRepository", { repositoryName }), { name: "InvalidParameterException" });
  }
});

test("answers for a missing repository and for another account's in AWS's words", async () => {
  await assert.rejects(server.call("DescribeRepositories", { repositoryNames: ["none"] }), {
    name: "RepositoryNotFoundException",
    message: "The repository with name 'none' does not exist in the registry with id '111122223333'",
  });
  await assert.rejects(server.call("ListImages", { repositoryName: "team/app", registryId: "999999999999" }), {
    message: "The repository with name 'team/app' does not exist in the registry with id '999999999999'",
  });
});

test("takes an image through the control plane and describes it", async () => {
  await server.call("CreateRepository", { repositoryName: "pushed" });
  const manifest = await putImage("pushed", "v1", "some layer");
  const { imageDetails } = await server.call("DescribeImages", { repositoryName: "pushed" });
  const { imagePushedAt, ...detail } = imageDetails?.[0] ?? {};
  assert.ok(imagePushedAt instanceof Date);
  assert.deepEqual(detail, {
    registryId: account,
    repositoryName: "pushed",
    imageDigest: digestOf(manifest),
    imageTags: ["v1"],
    imageSizeInBytes: "{}".length + "some layer".length,
    imageManifestMediaType: mediaTypes.imageManifest,
    artifactMediaType: mediaTypes.imageConfig,
  });
  assert.equal(server.pushes.at(-1)?.registry, "111122223333.dkr.ecr.eu-west-1.amazonaws.com");
  const { images, failures } = await server.call("BatchGetImage", {
    repositoryName: "pushed",
    imageIds: [{ imageTag: "v1" }, { imageTag: "none" }],
  });
  assert.equal(images?.[0]?.imageManifest, manifest);
  assert.equal(failures?.[0]?.failureCode, "ImageNotFound");
});

test("refuses to put the same image twice, and a manifest whose layers are missing", async () => {
  const manifest = imageManifest("{}", "some layer");
  const twice = { repositoryName: "pushed", imageTag: "v1", imageManifest: manifest };
  await assert.rejects(server.call("PutImage", twice), { name: "ImageAlreadyExistsException" });
  const missing = { repositoryName: "pushed", imageTag: "v2", imageManifest: imageManifest("{}", "missing") };
  await assert.rejects(server.call("PutImage", missing), { name: "LayersNotFoundException" });
});

test("claims no scan that was not run", async () => {
  const imageId = { imageTag: "v1" };
  await assert.rejects(server.call("DescribeImageScanFindings", { repositoryName: "pushed", imageId }), {
    name: "ScanNotFoundException",
  });
  const { imageDetails } = await server.call("DescribeImages", { repositoryName: "pushed", imageIds: [imageId] });
  assert.equal(imageDetails?.[0]?.imageScanStatus, undefined);
});

test("refuses an image that is not there in AWS's words", async () => {
  await assert.rejects(server.call("DescribeImages", { repositoryName: "pushed", imageIds: [{ imageTag: "none" }] }), {
    name: "ImageNotFoundException",
    message:
      "The image with imageId {imageDigest:'null', imageTag:'none'} does not exist within the repository with name 'pushed' in the registry with id '111122223333'",
  });
});

test("keeps an immutable tag, on the control plane and on the wire", async () => {
  await server.call("CreateRepository", { repositoryName: "fixed", imageTagMutability: "IMMUTABLE" });
  await putImage("fixed", "v1", "first");
  const message =
    "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the repository is immutable.";
  await assert.rejects(putImage("fixed", "v1", "second"), { name: "ImageTagAlreadyExistsException", message });
  const response = await fetch(`${server.origin}/v2/fixed/manifests/v1`, {
    method: "PUT",
    body: imageManifest("{}", "second"),
    headers: { authorization: await server.login(), "content-type": mediaTypes.imageManifest },
  });
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), { errors: [{ code: "TAG_INVALID", message }] });
});

test("lets tags that an exclusion names move in an immutable repository", async () => {
  await server.call("CreateRepository", {
    repositoryName: "mixed",
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "latest*" }],
  });
  await putImage("mixed", "latest-dev", "first");
  await putImage("mixed", "latest-dev", "second");
  await putImage("mixed", "v1", "first");
  await assert.rejects(putImage("mixed", "v1", "second"), { name: "ImageTagAlreadyExistsException" });
});

test("deletes an image with its last tag, and keeps one that an index names", async () => {
  await server.call("CreateRepository", { repositoryName: "deleted" });
  const manifest = await putImage("deleted", "a", "layer");
  await server.call("PutImage", { repositoryName: "deleted", imageTag: "b", imageManifest: manifest });
  const imageDigest = digestOf(manifest);
  const remove = (imageId: object) =>
    server.call("BatchDeleteImage", { repositoryName: "deleted", imageIds: [imageId] });
  assert.deepEqual((await remove({ imageTag: "a" })).imageIds, [{ imageDigest, imageTag: "a" }]);
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.imageIndex,
    manifests: [{ mediaType: mediaTypes.imageManifest, digest: imageDigest, size: manifest.length }],
  });
  await server.call("PutImage", { repositoryName: "deleted", imageTag: "all", imageManifest: index });
  const { failures } = await remove({ imageTag: "b" });
  assert.equal(failures?.[0]?.failureCode, "ImageReferencedByManifestList");
  await remove({ imageTag: "all" });
  await remove({ imageTag: "b" });
  assert.deepEqual((await server.call("ListImages", { repositoryName: "deleted" })).imageIds, []);
});

test("deletes a repository with images only by force, and a new one of its name is empty", async () => {
  await server.call("CreateRepository", { repositoryName: "doomed" });
  await putImage("doomed", "v1", "layer");
  await assert.rejects(server.call("DeleteRepository", { repositoryName: "doomed" }), {
    name: "RepositoryNotEmptyException",
    message:
      "The repository with name 'doomed' in registry with id '111122223333' cannot be deleted because it still contains images",
  });
  await server.call("DeleteRepository", { repositoryName: "doomed", force: true });
  await server.call("CreateRepository", { repositoryName: "doomed" });
  assert.deepEqual((await server.call("ListImages", { repositoryName: "doomed" })).imageIds, []);
  const { layers } = await server.call("BatchCheckLayerAvailability", {
    repositoryName: "doomed",
    layerDigests: [digestOf("layer")],
  });
  assert.equal(layers?.[0]?.layerAvailability, "UNAVAILABLE");
});

test("lists images in pages", async () => {
  await server.call("CreateRepository", { repositoryName: "pages" });
  for (const tag of ["a", "b", "c"]) await putImage("pages", tag, `layer ${tag}`);
  const seen: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await server.call("ListImages", { repositoryName: "pages", maxResults: 2, nextToken });
    seen.push(...(page.imageIds ?? []).map(({ imageTag }) => imageTag));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  assert.deepEqual(seen.sort(), ["a", "b", "c"]);
});

test("refuses a layer part out of order, an unknown upload and a wrong layer digest", async () => {
  const { uploadId } = await server.call("InitiateLayerUpload", { repositoryName: "pushed" });
  const part = { repositoryName: "pushed", layerPartBlob: Buffer.from("abc") };
  const gap = server.call("UploadLayerPart", { ...part, uploadId, partFirstByte: 5, partLastByte: 7 });
  await assert.rejects(gap, { name: "InvalidLayerPartException" });
  const unknown = server.call("UploadLayerPart", { ...part, uploadId: "none", partFirstByte: 0, partLastByte: 2 });
  await assert.rejects(unknown, { name: "UploadNotFoundException" });
  await server.call("UploadLayerPart", { ...part, uploadId, partFirstByte: 0, partLastByte: 2 });
  const complete = { repositoryName: "pushed", uploadId, layerDigests: [digestOf("other")] };
  await assert.rejects(server.call("CompleteLayerUpload", complete), { name: "InvalidLayerException" });
});

test("gives a link that downloads one layer without a login, and nothing else", async () => {
  const layerDigest = digestOf("some layer");
  const { downloadUrl } = await server.call("GetDownloadUrlForLayer", { repositoryName: "pushed", layerDigest });
  assert.equal(await (await fetch(downloadUrl ?? "")).text(), "some layer");
  const other = (downloadUrl ?? "").replace(layerDigest, digestOf("{}"));
  assert.equal((await fetch(other)).status, 401);
});

test("keeps policies as text and says where there is none", async () => {
  const policyText = '{"Version":"2012-10-17","Statement":[]}';
  await assert.rejects(server.call("GetRepositoryPolicy", { repositoryName: "pushed" }), {
    name: "RepositoryPolicyNotFoundException",
    message:
      "Repository policy does not exist for the repository with name 'pushed' in the registry with id '111122223333'",
  });
  await server.call("SetRepositoryPolicy", { repositoryName: "pushed", policyText });
  assert.equal((await server.call("GetRepositoryPolicy", { repositoryName: "pushed" })).policyText, policyText);
  await assert.rejects(server.call("PutLifecyclePolicy", { repositoryName: "pushed", lifecyclePolicyText: "no" }), {
    name: "InvalidParameterException",
  });
});

test("asks permission on the repository's ARN, and on * for a token", () => {
  const context = { service: "ecr", requestId: "x", region: "eu-west-1", account, principal: root };
  const put = server.operations.PutImage?.permissions(
    { repositoryName: "app", imageManifest: "" },
    { ...context, operation: "PutImage" },
  );
  assert.deepEqual(put, [{ action: "ecr:PutImage", resource: "arn:aws:ecr:eu-west-1:111122223333:repository/app" }]);
  const token = server.operations.GetAuthorizationToken?.permissions(
    {},
    { ...context, operation: "GetAuthorizationToken" },
  );
  assert.deepEqual(token, [{ action: "ecr:GetAuthorizationToken", resource: "*" }]);
});

test("tells a private registry's host from others", () => {
  const place = { registryId: "111122223333", region: "us-gov-west-1" };
  assert.deepEqual(parseRegistryHost("111122223333.dkr.ecr.us-gov-west-1.amazonaws.com:443"), place);
  assert.equal(parseRegistryHost("public.ecr.aws"), undefined);
  assert.equal(parseRegistryHost("127.0.0.1:4566"), undefined);
});

test("a repository takes its unfinished uploads along when it is deleted", async () => {
  const repositoryName = "unfinished";
  await server.call("CreateRepository", { repositoryName });
  const { uploadId } = await server.call("InitiateLayerUpload", { repositoryName });
  await server.call("DeleteRepository", { repositoryName });
  await server.call("CreateRepository", { repositoryName });
  const part = { partFirstByte: 0, partLastByte: 0, layerPartBlob: Buffer.from("x") };
  await assert.rejects(server.call("UploadLayerPart", { repositoryName, uploadId, ...part }), {
    name: "UploadNotFoundException",
  });
});
