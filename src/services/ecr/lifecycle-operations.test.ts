import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { account, type EcrServer, startEcrServer } from "../../../test/fixtures/ecr-server.ts";
import { imageManifest } from "../../../test/fixtures/registry-server.ts";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";

const repositoryName = "app";
const policy = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1 },
      action: { type: "expire" },
    },
  ],
});

async function putLayer(server: EcrServer, text: string): Promise<void> {
  const { uploadId } = await server.call("InitiateLayerUpload", { repositoryName });
  const part = { partFirstByte: 0, partLastByte: text.length - 1, layerPartBlob: Buffer.from(text) };
  await server.call("UploadLayerPart", { repositoryName, uploadId, ...part });
  await server.call("CompleteLayerUpload", { repositoryName, uploadId, layerDigests: [digestOf(text)] });
}

async function putImage(server: EcrServer, imageTag: string, extra: Record<string, unknown> = {}): Promise<string> {
  const manifest = imageManifest("{}", "layer", { annotations: { tag: imageTag }, ...extra });
  await server.call("PutImage", { repositoryName, imageTag, imageManifest: manifest });
  return manifest;
}

describe("a lifecycle policy", () => {
  test("is previewed and carried out: images go with their tags and what refers to them", async (t) => {
    let time = Date.parse("2026-11-25T00:00:00Z");
    const server = await startEcrServer({ now: () => new Date(time) });
    t.after(() => server.close());
    await server.call("CreateRepository", { repositoryName });
    for (const text of ["{}", "layer"]) await putLayer(server, text);
    const old = await putImage(server, "old");
    const subject = { mediaType: mediaTypes.imageManifest, digest: digestOf(old), size: old.length };
    await putImage(server, "signature", { subject });
    time += 1000;
    await putImage(server, "new");

    await assert.rejects(server.call("StartLifecyclePolicyPreview", { repositoryName }), {
      name: "LifecyclePolicyNotFoundException",
    });
    await assert.rejects(server.call("GetLifecyclePolicyPreview", { repositoryName }), {
      name: "LifecyclePolicyPreviewNotFoundException",
    });
    await server.call("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: policy });
    const started = await server.call("StartLifecyclePolicyPreview", { repositoryName });
    assert.deepEqual(started, {
      registryId: account,
      repositoryName,
      lifecyclePolicyText: policy,
      status: "COMPLETE",
    });
    const preview = await server.call("GetLifecyclePolicyPreview", { repositoryName });
    assert.deepEqual(preview.summary, { expiringImageTotalCount: 1 });
    assert.deepEqual(preview.previewResults, [
      {
        imageDigest: digestOf(old),
        imageTags: ["old"],
        imagePushedAt: new Date("2026-11-25T00:00:00Z"),
        action: { type: "EXPIRE" },
        appliedRulePriority: 1,
      },
    ]);
    assert.equal(
      (await server.call("ListImages", { repositoryName })).imageIds?.length,
      3,
      "a preview removes nothing",
    );

    server.expireImages();
    const { imageIds } = await server.call("ListImages", { repositoryName });
    assert.deepEqual(
      imageIds?.map(({ imageTag }) => imageTag),
      ["new"],
    );
    const response = await fetch(`${server.origin}/v2/${repositoryName}/manifests/old`, {
      headers: { authorization: await server.login() },
    });
    assert.equal(response.status, 404);
  });

  test("is refused where it cannot be carried out", async (t) => {
    const server = await startEcrServer();
    t.after(() => server.close());
    await server.call("CreateRepository", { repositoryName });
    await assert.rejects(server.call("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: "{}" }), {
      name: "InvalidParameterException",
      message:
        /'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: rules must be/,
    });
    await assert.rejects(server.call("GetLifecyclePolicy", { repositoryName }), {
      name: "LifecyclePolicyNotFoundException",
    });
  });
});
