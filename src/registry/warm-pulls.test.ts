// What is kept in memory for pulls must not outlive what it was made of.
import assert from "node:assert/strict";
import { type ReadStream, truncateSync } from "node:fs";
import { get } from "node:http";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  pushBlob,
  pushImage,
  putManifest,
  type RegistryServer,
  startRegistryServer,
} from "../../test/fixtures/registry-server.ts";
import { type Digest, digestOf } from "../oci/digest.ts";

async function withServer(work: (server: RegistryServer) => Promise<void>): Promise<void> {
  const server = await startRegistryServer();
  try {
    await work(server);
    assert.deepEqual(server.defects, []);
  } finally {
    await server.close();
  }
}

/** Twice: the second answer comes from memory. */
async function pull(server: RegistryServer, reference: string): Promise<string | number> {
  const statusOrText = async () => {
    const response = await server.request(`app/manifests/${reference}`);
    const text = await response.text();
    return response.ok ? text : response.status;
  };
  const first = await statusOrText();
  assert.equal(await statusOrText(), first);
  return first;
}

test("a tag that is moved is seen by the next pull", () =>
  withServer(async (server) => {
    const one = await pushImage(server, "app", "latest", "one");
    assert.equal(await pull(server, "latest"), one);
    const two = await pushImage(server, "app", "latest", "two");
    assert.equal(await pull(server, "latest"), two);
    const head = await server.request("app/manifests/latest", { method: "HEAD" });
    assert.equal(head.headers.get("docker-content-digest"), digestOf(two));
    assert.equal(await pull(server, digestOf(one)), one);
  }));

test("a tag and a manifest that are deleted are gone for the next pull, and there again when pushed again", () =>
  withServer(async (server) => {
    const manifest = await pushImage(server, "app", "latest");
    await putManifest(server, "app", "other", manifest);
    assert.equal(await pull(server, "latest"), manifest);
    await server.request("app/manifests/latest", { method: "DELETE" });
    assert.equal(await pull(server, "latest"), 404);
    assert.equal(await pull(server, "other"), manifest);
    await server.request(`app/manifests/${digestOf(manifest)}`, { method: "DELETE" });
    assert.equal(await pull(server, "other"), 404);
    assert.equal(await pull(server, digestOf(manifest)), 404);
    await pushImage(server, "app", "latest");
    assert.equal(await pull(server, "latest"), manifest);
  }));

test("a repository that is deleted shows nothing to the next pull", () =>
  withServer(async (server) => {
    const manifest = await pushImage(server, "app", "latest");
    assert.equal(await pull(server, "latest"), manifest);
    server.registry.deleteRepository("app");
    assert.equal(await pull(server, "latest"), 404);
    assert.equal((await server.request(`app/blobs/${digestOf("layer")}`)).status, 404);
  }));

test("a blob that is deleted is gone for the next pull, though its file was open", () =>
  withServer(async (server) => {
    const digest = await pushBlob(server, "app", "blob");
    for (let time = 0; time < 2; time++) {
      assert.equal(await (await server.request(`app/blobs/${digest}`)).text(), "blob");
    }
    await server.request(`app/blobs/${digest}`, { method: "DELETE" });
    assert.equal((await server.request(`app/blobs/${digest}`)).status, 404);
    await pushBlob(server, "app", "blob");
    assert.equal(await (await server.request(`app/blobs/${digest}`)).text(), "blob");
  }));

test("a manifest that names another media type is told as such in each repository", () =>
  withServer(async (server) => {
    const manifest = await pushImage(server, "app", "latest");
    await pushImage(server, "other", "latest");
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digestOf(manifest), size: 1 }],
    });
    const list = "application/vnd.docker.distribution.manifest.list.v2+json";
    const ociIndex = "application/vnd.oci.image.index.v1+json";
    assert.equal((await putManifest(server, "app", "index", index, ociIndex)).status, 201);
    assert.equal((await putManifest(server, "other", "index", index, list)).status, 201);
    for (const [repository, type] of [
      ["app", ociIndex],
      ["other", list],
      ["app", ociIndex],
    ] as const) {
      const response = await server.request(`${repository}/manifests/index`);
      assert.equal(response.headers.get("content-type"), type);
      assert.equal(await response.text(), index);
    }
  }));

const large = "0123456789abcdef".repeat(300_000);

test("large blobs arrive whole and in ranges, to several clients at once", () =>
  withServer(async (server) => {
    const digest = await pushBlob(server, "app", large);
    const ask = async (range?: string) => {
      const response = await server.request(`app/blobs/${digest}`, range === undefined ? {} : { headers: { range } });
      return { status: response.status, text: await response.text(), length: response.headers.get("content-length") };
    };
    const answers = await Promise.all([ask(), ask("bytes=1000000-3500000"), ask("bytes=-5"), ask(), ask("bytes=0-0")]);
    const expected = [large, large.slice(1_000_000, 3_500_001), large.slice(-5), large, "0"];
    for (const [index, text] of expected.entries()) {
      assert.ok(answers[index]?.text === text, `answer ${index}`);
      assert.equal(answers[index]?.length, String(text.length));
    }
    assert.equal((await ask(`bytes=${large.length}-`)).status, 416);
  }));

test("clients that hang up in the middle of a blob leave the next ones a whole one", () =>
  withServer(async (server) => {
    const digest = await pushBlob(server, "app", large);
    const hangUp = () =>
      new Promise<void>((resolve) => {
        const asked = get(`${server.origin}/v2/app/blobs/${digest}`, (response) => {
          response.once("data", () => {
            response.destroy();
            resolve();
          });
        });
        asked.on("error", () => undefined);
      });
    await Promise.all(Array.from({ length: 60 }, hangUp));
    await setTimeout(10);
    assert.ok((await (await server.request(`app/blobs/${digest}`)).text()) === large);
  }));

test("a blob whose file has become shorter is cut off and not made to look whole", async () => {
  const server = await startRegistryServer();
  try {
    const digest = await pushBlob(server, "app", large);
    assert.ok((await (await server.request(`app/blobs/${digest}`)).text()) === large);
    const path = fileOf(server, digest);
    truncateSync(path, 2_000_000);
    await assert.rejects(async () => (await server.request(`app/blobs/${digest}`)).text());
  } finally {
    await server.close();
  }
});

function fileOf(server: RegistryServer, digest: Digest): string {
  const stream = server.content.read(digest) as ReadStream;
  stream.destroy();
  return String(stream.path);
}
