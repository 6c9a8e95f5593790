import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { bytesOf, manifestOf, storeBlob, testPulledContent } from "../../../test/contracts/pulled-content-contract.ts";
import { type Digest, digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";
import { openFileContentStore } from "../../store/file-content-store.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { stateLayout } from "../../store/state-layout.ts";
import { type LocalPulledContentOptions, openLocalPulledContent } from "./local-pulled-content.ts";

const app = "docker.io/library/app";
const day = 24 * 3600 * 1000;
const kilobyte = 1024;

function makeDirectory(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "chubo-pulled-"));
  t.after(() => rmSync(root, { recursive: true }));
  return root;
}

function openAt(root: string, options: Partial<LocalPulledContentOptions> = {}) {
  const { gateway } = stateLayout(root);
  const files = openFileContentStore(gateway);
  const store = openSqliteStore(gateway.database);
  const content = openLocalPulledContent({ store, content: files, now: Date.now, ...options });
  const close = () => {
    content.close();
    store.close();
  };
  return { content, files, close };
}

async function openClocked(t: TestContext, options: Partial<LocalPulledContentOptions> = {}) {
  const clock = { now: 1_000_000_000_000 };
  const root = makeDirectory(t);
  const reopen = () => openAt(root, { now: () => clock.now, ...options });
  return { clock, reopen, ...reopen() };
}

/** An image of one manifest under a tag, with all of its blobs. */
async function putImage(content: ReturnType<typeof openAt>["content"], tag: string, layers: Buffer[]) {
  const config = Buffer.from(`config of ${tag}`);
  const { head, body } = manifestOf(config, layers);
  await content.putManifest(app, head, body);
  await content.putTag(app, { tag, head, checkedAt: 1 });
  for (const blob of [config, ...layers]) await storeBlob(content, app, blob);
  return head.digest;
}

describe("local pulled content", () => {
  const root = mkdtempSync(join(tmpdir(), "chubo-pulled-contract-"));
  const closers: (() => void)[] = [];
  after(() => {
    for (const close of closers) close();
    rmSync(root, { recursive: true });
  });
  testPulledContent("local pulled content", () => {
    const { content, close } = openAt(join(root, String(closers.length)));
    closers.push(close);
    return content;
  });
});

test("what makes room is the blob that was not pulled for the longest time", async (t) => {
  const { content, clock } = await openClocked(t, { maximumBytes: 350 * kilobyte });
  const [first, second, third] = [
    await storeBlob(content, app, randomBytes(100 * kilobyte)),
    await storeBlob(content, app, randomBytes(100 * kilobyte)),
    await storeBlob(content, app, randomBytes(100 * kilobyte)),
  ];
  clock.now += 1;
  await bytesOf(await content.readBlob(first));
  await storeBlob(content, app, randomBytes(100 * kilobyte));
  assert.equal(await content.findBlob(app, second), undefined);
  for (const kept of [first, third]) assert.equal(await content.findBlob(app, kept), 100 * kilobyte);
  assert.deepEqual([content.stats().evictions, content.stats().bytes], [1, 300 * kilobyte]);
});

test("the order of pulls outlives the process", async (t) => {
  const { content, clock, close, reopen } = await openClocked(t, { maximumBytes: 250 * kilobyte });
  const first = await storeBlob(content, app, randomBytes(100 * kilobyte));
  clock.now += 1;
  const second = await storeBlob(content, app, randomBytes(100 * kilobyte));
  clock.now += 1;
  await bytesOf(await content.readBlob(first));
  close();
  const again = reopen();
  await storeBlob(again.content, app, randomBytes(100 * kilobyte));
  assert.equal(await again.content.findBlob(app, second), undefined);
  assert.equal(await again.content.findBlob(app, first), 100 * kilobyte);
  again.close();
});

test("what is being read, written or pinned is not evicted, and a blob that then has no room is refused", async (t) => {
  const { content } = await openClocked(t, { maximumBytes: 350 * kilobyte });
  const read = randomBytes(100 * kilobyte);
  const pinned = randomBytes(100 * kilobyte);
  const stream = await content.readBlob(await storeBlob(content, app, read));
  await putImage(content, "base", [pinned]);
  content.pin(app, "base");
  const writer = await content.startBlob(app, 100 * kilobyte);
  assert.equal(await content.startBlob(app, 100 * kilobyte), undefined);
  await writer?.discard();
  const other = await content.startBlob(app, 100 * kilobyte);
  assert.equal(await content.startBlob(app, 100 * kilobyte), undefined);
  assert.ok((await bytesOf(stream)).equals(read));
  const third = await content.startBlob(app, 100 * kilobyte);
  assert.ok(third);
  assert.equal(await content.isBlobHere(digestOf(read)), false);
  assert.equal(await content.isBlobHere(digestOf(pinned)), true);
  for (const writing of [other, third]) await writing?.discard();
  assert.equal(await content.startBlob(app, 351 * kilobyte), undefined);
});

test("a pin holds the tree of an index, also what comes later, and follows its tag", async (t) => {
  const { content } = await openClocked(t, { maximumBytes: 250 * kilobyte });
  content.pin(app, "multi");
  const layer = randomBytes(100 * kilobyte);
  const child = manifestOf(Buffer.from("config"), [layer]);
  const body = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: [child.head] }),
  );
  const head = { digest: digestOf(body), mediaType: mediaTypes.imageIndex, size: body.byteLength };
  await content.putManifest(app, head, body);
  await content.putTag(app, { tag: "multi", head, checkedAt: 1 });
  await content.putManifest(app, child.head, child.body);
  const digest = await storeBlob(content, app, layer);
  for (const _ of [1, 2]) await storeBlob(content, app, randomBytes(100 * kilobyte));
  assert.equal(await content.isBlobHere(digest), true);
  assert.deepEqual(content.pins(), [{ repository: app, reference: "multi" }]);
  await content.putTag(app, { tag: "multi", head: manifestOf(Buffer.from("new")).head, checkedAt: 2 });
  for (const _ of [1, 2]) await storeBlob(content, app, randomBytes(100 * kilobyte));
  assert.equal(await content.isBlobHere(digest), false);
  assert.equal(content.unpin(app, "multi"), true);
  assert.equal(content.unpin(app, "multi"), false);
});

test("an evicted blob leaves its manifest, and can be put again", async (t) => {
  const { content } = await openClocked(t, { maximumBytes: 150 * kilobyte });
  const layer = randomBytes(100 * kilobyte);
  const manifest = await putImage(content, "1", [layer]);
  await storeBlob(content, app, randomBytes(100 * kilobyte));
  assert.equal(await content.findBlob(app, digestOf(layer)), undefined);
  assert.ok(await content.findManifest(app, manifest));
  await storeBlob(content, app, layer);
  assert.equal(await content.findBlob(app, digestOf(layer)), layer.byteLength);
});

test("a collection takes what nobody pulled for long, with its tags and blobs, and neither what is used nor pinned", async (t) => {
  const { content, clock } = await openClocked(t, { unusedFor: 10 * day });
  const layers = [1, 2, 3].map(() => randomBytes(kilobyte));
  const [old, used, pinned] = [
    await putImage(content, "old", [layers[0] as Buffer]),
    await putImage(content, "used", [layers[1] as Buffer]),
    await putImage(content, "pinned", [layers[2] as Buffer]),
  ];
  content.pin(app, "pinned");
  clock.now += 11 * day;
  await content.findManifest(app, used);
  await content.collectGarbage();
  assert.equal(await content.findManifest(app, old), undefined);
  assert.equal(await content.findTag(app, "old"), undefined);
  for (const kept of [used, pinned]) assert.ok(await content.findManifest(app, kept));
  assert.ok(await content.findTag(app, "used"));
  assert.deepEqual(await Promise.all(layers.map((layer) => content.isBlobHere(digestOf(layer)))), [false, true, true]);
  assert.deepEqual([content.stats().manifests, content.stats().blobs], [2, 4]);
});

test("a collection leaves a blob whose manifest is still to come, and takes files that no record names", async (t) => {
  const { content, files } = await openClocked(t);
  const early = await storeBlob(content, app, Buffer.from("early"));
  const { digest: orphan } = await files.write(Buffer.from("orphan"));
  await content.collectGarbage();
  assert.equal(await files.size(orphan), undefined);
  assert.equal(await content.findBlob(app, early), 5);
});

test("a blob whose file somebody removed is told as unavailable once and then absent", async (t) => {
  const { content, files } = await openClocked(t);
  const digest = await storeBlob(content, app, Buffer.from("layer"));
  await files.delete(digest);
  await assert.rejects(content.readBlob(digest), { name: "ContentUnavailable" });
  assert.equal(await content.findBlob(app, digest), undefined);
});

test("a manifest whose file somebody removed is absent, and can be put again", async (t) => {
  const { content, files, close, reopen } = await openClocked(t);
  const { head, body } = manifestOf(Buffer.from("config"));
  await content.putManifest(app, head, body);
  await files.delete(head.digest);
  close();
  const again = reopen();
  assert.equal(await again.content.findManifest(app, head.digest), undefined);
  assert.deepEqual([again.content.stats().manifests, again.content.stats().bytes], [0, 0]);
  await again.content.putManifest(app, head, body);
  assert.deepEqual(await again.content.findManifest(app, head.digest), { head, body });
  again.close();
});

test("a process that is killed at any moment leaves nothing partial and loses nothing that it was told is stored", async (t) => {
  const root = makeDirectory(t);
  const script = join(import.meta.dirname, "../../../test/fixtures/pulled-content-process.ts");
  const { gateway } = stateLayout(root);
  const acknowledged: Digest[] = [];
  const maximumBytes = 5_000_000;
  // About ten blobs fill the room: the later rounds are killed while they evict.
  const moments = [
    { blobs: 0, milliseconds: 1 },
    { blobs: 1, milliseconds: 2 },
    { blobs: 12, milliseconds: 0 },
    { blobs: 5, milliseconds: 3 },
    { blobs: 3, milliseconds: 5 },
  ];
  for (const { blobs, milliseconds } of moments) {
    const child = spawn(process.execPath, [script, root, String(maximumBytes)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const ended = new Promise((resolve) => lines.once("close", resolve));
    const before = acknowledged.length;
    await new Promise<void>((resolve) => {
      lines.on("line", (line) => {
        if (line !== "ready") acknowledged.push(line as Digest);
        if (acknowledged.length >= before + blobs) resolve();
      });
    });
    await setTimeout(milliseconds);
    child.kill("SIGKILL");
    await ended;

    const { content, files, close } = openAt(root, { maximumBytes });
    assert.deepEqual(readdirSync(gateway.incoming), []);
    await content.collectGarbage();
    let bytes = 0;
    for await (const digest of files.list()) {
      const body = await files.readAll(digest);
      assert.equal(digestOf(body), digest);
      assert.equal(await content.findBlob(app, digest), body.byteLength);
      bytes += body.byteLength;
    }
    assert.equal(content.stats().bytes, bytes);
    assert.ok(bytes <= maximumBytes);
    // The last ones fit the cap whatever was evicted for them.
    for (const digest of acknowledged.slice(-4)) assert.ok(await content.findBlob(app, digest), `${digest} is lost`);
    close();
  }
  assert.ok(acknowledged.length >= 21);
});
