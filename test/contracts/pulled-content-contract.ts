// What every PulledContent must do; each implementation's test calls this with a way to open an empty one.
import assert from "node:assert/strict";
import type { Readable } from "node:stream";
import { test } from "node:test";
import type { PulledContent, PulledTag } from "../../src/gateway/content/pulled-content.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/manifest.ts";
import type { ManifestHead } from "../../src/registry/registry-content.ts";
import { DigestMismatch } from "../../src/store/content-store.ts";

const httpd = "docker.io/library/httpd";
const other = "ghcr.io/acme/httpd";

export function manifestOf(config: Buffer, layers: Buffer[] = []): { head: ManifestHead; body: Buffer } {
  const descriptor = (mediaType: string, content: Buffer) => {
    return { mediaType, digest: digestOf(content), size: content.byteLength };
  };
  const mediaType = mediaTypes.imageManifest;
  const body = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: descriptor(mediaTypes.imageConfig, config),
      layers: layers.map((layer) => descriptor(mediaTypes.layerGzip, layer)),
    }),
  );
  return { head: { digest: digestOf(body), mediaType, size: body.byteLength }, body };
}

export async function storeBlob(content: PulledContent, repository: string, blob: Buffer): Promise<Digest> {
  const writer = await content.startBlob(repository, blob.byteLength);
  assert.ok(writer);
  try {
    await writer.append(blob);
    return (await writer.finish(digestOf(blob))).digest;
  } finally {
    await writer.close();
  }
}

export async function bytesOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

export function testPulledContent(name: string, open: () => PulledContent | Promise<PulledContent>): void {
  testTags(name, open);
  testManifests(name, open);
  testBlobs(name, open);
  testBlobWriters(name, open);
}

function testTags(name: string, open: () => PulledContent | Promise<PulledContent>): void {
  test(`${name} gives a tag back as it was last put, in its own repository only`, async () => {
    const content = await open();
    const { head } = manifestOf(Buffer.from("one"));
    const tag: PulledTag = { tag: "2.4", head, checkedAt: 1000 };
    assert.equal(await content.findTag(httpd, "2.4"), undefined);
    await content.putTag(httpd, tag);
    assert.deepEqual(await content.findTag(httpd, "2.4"), tag);
    await content.putTag(httpd, { ...tag, checkedAt: 2000 });
    assert.equal((await content.findTag(httpd, "2.4"))?.checkedAt, 2000);
    assert.equal(await content.findTag(other, "2.4"), undefined);
    assert.equal(await content.findTag(httpd, "2"), undefined);
  });

  test(`${name} forgets a deleted tag, and deletes what is not there without complaint`, async () => {
    const content = await open();
    await content.putTag(httpd, { tag: "2.4", head: manifestOf(Buffer.from("one")).head, checkedAt: 1 });
    await content.deleteTag(httpd, "2.4");
    await content.deleteTag(httpd, "2.4");
    assert.equal(await content.findTag(httpd, "2.4"), undefined);
  });
}

function testManifests(name: string, open: () => PulledContent | Promise<PulledContent>): void {
  test(`${name} gives a manifest back byte for byte, in the repositories it was put under only`, async () => {
    const content = await open();
    const { head, body } = manifestOf(Buffer.from("config"));
    await content.putManifest(httpd, head, body);
    assert.deepEqual(await content.findManifest(httpd, head.digest), { head, body });
    assert.equal(await content.findManifest(other, head.digest), undefined);
    await content.putManifest(other, head, body);
    assert.deepEqual(await content.findManifest(other, head.digest), { head, body });
    assert.deepEqual(await content.findManifest(httpd, head.digest), { head, body });
  });

  test(`${name} keeps a manifest of a type it does not know, and not that an answer was stale`, async () => {
    const content = await open();
    const body = Buffer.from("not even JSON");
    const head = { digest: digestOf(body), mediaType: "application/x-strange", size: body.byteLength };
    await content.putManifest(httpd, { ...head, stale: "the upstream is away" }, body);
    assert.deepEqual(await content.findManifest(httpd, head.digest), { head, body });
  });

  test(`${name} refuses a manifest whose body has another digest`, async () => {
    const content = await open();
    const { head } = manifestOf(Buffer.from("config"));
    await assert.rejects(content.putManifest(httpd, head, Buffer.from("{}")), DigestMismatch);
    assert.equal(await content.findManifest(httpd, head.digest), undefined);
  });
}

function testBlobs(name: string, open: () => PulledContent | Promise<PulledContent>): void {
  const blob = Buffer.from("some layer, long enough for a range");
  const digest = digestOf(blob);

  test(`${name} gives a blob back whole and by range`, async () => {
    const content = await open();
    assert.equal(await content.findBlob(httpd, digest), undefined);
    await storeBlob(content, httpd, blob);
    assert.equal(await content.findBlob(httpd, digest), blob.byteLength);
    assert.deepEqual(await bytesOf(await content.readBlob(digest)), blob);
    assert.equal((await bytesOf(await content.readBlob(digest, { start: 5, end: 9 }))).toString(), "layer");
  });

  test(`${name} shows a blob in the repositories it was linked to only`, async () => {
    const content = await open();
    assert.equal(await content.linkBlob(other, digest), false);
    assert.equal(await content.isBlobHere(digest), false);
    await storeBlob(content, httpd, blob);
    assert.equal(await content.findBlob(other, digest), undefined);
    assert.equal(await content.isBlobHere(digest), true);
    assert.equal(await content.linkBlob(other, digest), true);
    for (const repository of [httpd, other]) assert.equal(await content.findBlob(repository, digest), blob.byteLength);
  });

  test(`${name} takes the same blob twice, for two repositories at once`, async () => {
    const content = await open();
    await Promise.all([storeBlob(content, httpd, blob), storeBlob(content, other, blob)]);
    for (const repository of [httpd, other]) assert.equal(await content.findBlob(repository, digest), blob.byteLength);
    assert.deepEqual(await bytesOf(await content.readBlob(digest)), blob);
  });

  test(`${name} keeps a blob under sha512 where its digest says so, and an empty one`, async () => {
    const content = await open();
    for (const [expected, bytes] of [
      [digestOf(blob, "sha512"), blob],
      [digestOf(""), Buffer.alloc(0)],
    ] as const) {
      const writer = await content.startBlob(httpd);
      assert.ok(writer);
      await writer.append(bytes);
      await writer.verify(expected);
      await writer.finish(expected);
      await writer.close();
      assert.deepEqual(await bytesOf(await content.readBlob(expected)), bytes);
    }
  });
}

function testBlobWriters(name: string, open: () => PulledContent | Promise<PulledContent>): void {
  const blob = Buffer.from("some layer, long enough for a range");
  const digest = digestOf(blob);

  test(`${name} shows a blob only when it is finished, and lets what has come be read`, async () => {
    const content = await open();
    const writer = await content.startBlob(httpd, blob.byteLength);
    assert.ok(writer);
    assert.equal(await writer.append(blob.subarray(0, 10)), 10);
    assert.equal((await writer.readSoFar({ start: 5, end: 9 })).toString(), "layer");
    assert.equal(await content.findBlob(httpd, digest), undefined);
    assert.equal(await content.isBlobHere(digest), false);
    await assert.rejects(writer.verify(digest), DigestMismatch);
    assert.equal(await writer.append(blob.subarray(10)), blob.byteLength);
    assert.equal(writer.size, blob.byteLength);
    await writer.verify(digest);
    assert.equal(await content.findBlob(httpd, digest), undefined);
    assert.deepEqual(await writer.finish(digest), { digest, size: blob.byteLength });
    assert.deepEqual(await writer.readSoFar({ start: 0, end: blob.byteLength - 1 }), blob);
    await writer.close();
    assert.equal(await content.findBlob(httpd, digest), blob.byteLength);
  });

  test(`${name} stores nothing of a blob with another digest, and nothing that was discarded`, async () => {
    const content = await open();
    const wrong = await content.startBlob(httpd);
    await wrong?.append(Buffer.from("other"));
    await assert.rejects(async () => wrong?.finish(digest), DigestMismatch);
    await wrong?.close();
    const discarded = await content.startBlob(httpd);
    await discarded?.append(blob);
    await discarded?.discard();
    await discarded?.close();
    for (const absent of [digest, digestOf("other")]) assert.equal(await content.isBlobHere(absent), false);
  });
}
