import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { bytesOf, manifestOf, storeBlob, testPulledContent } from "../../../test/contracts/pulled-content-contract.ts";
import { type S3Bench, startS3Bench } from "../../../test/fixtures/s3-bench.ts";
import { until } from "../../../test/fixtures/until.ts";
import { digestOf } from "../../oci/digest.ts";
import { DigestMismatch } from "../../store/content-store.ts";
import { ContentUnavailable, type PulledBlobWriter, type PulledContent, type PulledTag } from "./pulled-content.ts";

const app = "docker.io/library/app";

describe("pulled content in S3", () => {
  let bench: S3Bench;
  before(async () => {
    bench = await startS3Bench();
  });
  after(() => bench.close());
  testPulledContent("content in S3", () => bench.open());

  test("what one replica stored another one has, byte for byte", async () => {
    const [one, other] = bench.openTwo();
    const blob = randomBytes(100_000);
    const digest = await storeBlob(one, app, blob);
    const { head, body } = manifestOf(blob);
    await one.putManifest(app, head, body);
    await one.putTag(app, { tag: "1", head, checkedAt: 1 });
    assert.equal(await other.findBlob(app, digest), blob.byteLength);
    assert.deepEqual(await bytesOf(await other.readBlob(digest)), blob);
    assert.deepEqual(await other.findManifest(app, head.digest), { head, body });
    assert.deepEqual(await other.findTag(app, "1"), { tag: "1", head, checkedAt: 1 });
  });

  test("a blob of several parts is whole, and its scratch file goes", async () => {
    const [one, other] = bench.openTwo();
    const blob = randomBytes(20 * 1024 * 1024 + 1);
    bench.forget();
    const digest = await storeBlob(one, app, blob);
    assert.equal(bench.asked.filter((line) => line.startsWith("PUT") && line.includes("partNumber=")).length, 3);
    assert.deepEqual(await bytesOf(await other.readBlob(digest)), blob);
    assert.deepEqual(readdirSync(bench.scratchOf(one)), []);
  });

  test("a blob that another replica has brought meanwhile is not uploaded again", async () => {
    const [one, other] = bench.openTwo();
    const blob = randomBytes(1000);
    await storeBlob(one, app, blob);
    bench.forget();
    await storeBlob(other, app, blob);
    const written = bench.asked.filter((line) => line.startsWith("PUT"));
    assert.deepEqual([written.length, written[0]?.includes("/_blobs/")], [1, true]);
  });

  test("the tag that was checked last holds, in whatever order replicas write", async () => {
    const [one, other] = bench.openTwo();
    const tag = (checkedAt: number): PulledTag => {
      const { head } = manifestOf(Buffer.from(`at ${checkedAt}`));
      return { tag: "latest", head, checkedAt };
    };
    const times = Array.from({ length: 10 }, (_, index) => index + 1);
    await Promise.all(times.toReversed().map((time) => (time % 2 === 0 ? one : other).putTag(app, tag(time))));
    await one.putTag(app, tag(5));
    for (const replica of [one, other]) {
      assert.deepEqual(await replica.findTag(app, "latest", { fresh: true }), tag(10));
    }
  });

  test("a warm pull asks the bucket for each blob once and for nothing else", async () => {
    const [one] = bench.openTwo();
    const { head, body } = manifestOf(randomBytes(10));
    await one.putManifest(app, head, body);
    await one.putTag(app, { tag: "warm", head, checkedAt: 1 });
    const digest = await storeBlob(one, app, randomBytes(1000));
    bench.forget();
    await one.findTag(app, "warm");
    await one.findManifest(app, head.digest);
    await one.findBlob(app, digest);
    await bytesOf(await one.readBlob(digest));
    assert.equal(bench.asked.length, 1);
  });

  test("a blob that a lifecycle rule removed is refused once and then absent, so that it is fetched again", async () => {
    const [one] = bench.openTwo();
    const blob = randomBytes(1000);
    const digest = await storeBlob(one, app, blob);
    await bench.remove(`blobs/${digest.replace(":", "/")}`);
    assert.equal(await one.findBlob(app, digest), blob.byteLength);
    await assert.rejects(one.readBlob(digest), ContentUnavailable);
    assert.equal(await one.findBlob(app, digest), undefined);
    await storeBlob(one, app, blob);
    assert.deepEqual(await bytesOf(await one.readBlob(digest)), blob);
  });

  test("a manifest that somebody changed in the bucket is absent", async () => {
    const [one, other] = bench.openTwo();
    const { head, body } = manifestOf(randomBytes(10));
    await one.putManifest(app, head, body);
    await bench.write(`repositories/${app}/_manifests/${head.digest.replace(":", "/")}`, "{}");
    assert.equal(await other.findManifest(app, head.digest), undefined);
    assert.deepEqual(await one.findManifest(app, head.digest), { head, body });
  });

  test("a blob's location is a URL that gives its bytes without credentials, by range too", async () => {
    const one = bench.open({ redirectBlobs: true });
    const blob = randomBytes(1000);
    const digest = await storeBlob(one, app, blob);
    const location = (await one.blobLocation?.(digest)) ?? "";
    assert.deepEqual(Buffer.from(await (await fetch(location)).arrayBuffer()), blob);
    assert.ok(one.blobLocation);
    await assert.rejects(one.blobLocation(digestOf("what is not there")), ContentUnavailable);
    const part = await fetch(location, { headers: { range: "bytes=10-19" } });
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), blob.subarray(10, 20));
  });
});

describe("a large blob on its way into the bucket", () => {
  let bench: S3Bench;
  before(async () => {
    bench = await startS3Bench();
  });
  after(() => bench.close());
  const blob = randomBytes(20 * 1024 * 1024);
  const digest = digestOf(blob);
  const half = 9 * 1024 * 1024;

  /** The first half of it has come, and its first part is in the bucket. */
  async function begin(content: PulledContent): Promise<PulledBlobWriter> {
    bench.forget();
    const writer = await content.startBlob(app, blob.byteLength, digest);
    assert.ok(writer);
    await writer.append(blob.subarray(0, half));
    await until(() => bench.asked.some((line) => line.includes("partNumber=1")));
    return writer;
  }

  test("is uploaded while it comes, and seen when it is whole", async () => {
    const [one, other] = bench.openTwo();
    const writer = await begin(one);
    assert.equal(await other.isBlobHere(digest), false);
    await writer.append(blob.subarray(half));
    await writer.finish(digest);
    await writer.close();
    assert.deepEqual(await bytesOf(await other.readBlob(digest)), blob);
    assert.deepEqual(await bench.pendingUploads(), []);
  });

  test("leaves nothing where it breaks off, or has another digest in the end", async () => {
    const content = bench.open();
    await (await begin(content)).discard();
    const wrong = await begin(content);
    await wrong.append(Buffer.alloc(blob.byteLength - half));
    await assert.rejects(wrong.finish(digest), DigestMismatch);
    await wrong.discard();
    assert.equal(await content.isBlobHere(digest), false);
    assert.deepEqual(await bench.pendingUploads(), []);
  });

  test("goes on where the bucket fails meanwhile, is not stored, and can be read so far", async () => {
    const content = bench.open();
    bench.failWith("SlowDown", (line) => line.includes("partNumber=2"));
    const writer = await begin(content);
    await writer.append(blob.subarray(half));
    await assert.rejects(writer.finish(digest), ContentUnavailable);
    bench.failWith(undefined);
    assert.deepEqual(await writer.readSoFar({ start: half, end: blob.byteLength - 1 }), blob.subarray(half));
    await writer.close();
    assert.equal(await content.isBlobHere(digest), false);
    assert.deepEqual(await bench.pendingUploads(), []);
  });

  test("is not uploaded where another replica was faster", async () => {
    const [one, other] = bench.openTwo();
    const writer = await begin(one);
    await storeBlob(other, app, blob);
    await writer.append(blob.subarray(half));
    await writer.finish(digest);
    await writer.close();
    assert.equal(await one.findBlob(app, digest), blob.byteLength);
    assert.deepEqual(await bench.pendingUploads(), []);
  });

  test("holds no other blob up while its bytes do not come", async () => {
    const content = bench.open();
    const slow: PulledBlobWriter[] = [];
    for (let count = 0; count < 13; count++) slow.push(await begin(content));
    const other = randomBytes(9 * 1024 * 1024);
    await storeBlob(content, app, other);
    assert.equal(await content.isBlobHere(digestOf(other)), true);
    for (const writer of slow) await writer.discard();
    assert.deepEqual(await bench.pendingUploads(), []);
  });
});

describe("a bucket that cannot be used", () => {
  let bench: S3Bench;
  before(async () => {
    bench = await startS3Bench();
  });
  after(() => bench.close());
  const { head, body } = manifestOf(randomBytes(10));
  const digest = digestOf("some blob");

  for (const [name, failure] of [
    ["answers 503", "SlowDown"],
    ["answers 403", "AccessDenied"],
    ["closes each connection", "close"],
    ["answers nothing", "silence"],
  ] as const) {
    test(`that ${name} is unavailable to each verb, and takes nothing for absent`, async () => {
      const content = bench.open({ answerWithin: 200 });
      bench.failWith(failure);
      const verbs = [
        () => content.findTag(app, "1"),
        () => content.putTag(app, { tag: "1", head, checkedAt: 1 }),
        () => content.findManifest(app, head.digest),
        () => content.putManifest(app, head, body),
        () => content.findBlob(app, digest),
        () => content.isBlobHere(digest),
        () => content.linkBlob(app, digest),
        () => content.readBlob(digest),
        () => storeBlob(content, app, Buffer.from("some blob")),
      ];
      await Promise.all(verbs.map((verb) => assert.rejects(verb, ContentUnavailable, String(verb))));
      bench.failWith(undefined);
      assert.equal(await content.findManifest(app, head.digest), undefined);
      assert.equal(await content.isBlobHere(digest), false);
    });
  }

  test("that is missing is unavailable, and not empty", async () => {
    const content = bench.open({ bucket: "no-such-bucket" });
    await assert.rejects(content.findTag(app, "1"), ContentUnavailable);
    await assert.rejects(content.findManifest(app, head.digest), ContentUnavailable);
    await assert.rejects(content.findBlob(app, digest), ContentUnavailable);
  });

  test("that fails in the middle of an upload shows nothing of it, and has it aborted", async () => {
    const content = bench.open();
    const blob = randomBytes(20 * 1024 * 1024);
    bench.failWith("SlowDown", (line) => line.includes("partNumber=2"));
    await assert.rejects(storeBlob(content, app, blob), ContentUnavailable);
    bench.failWith(undefined);
    assert.equal(await content.isBlobHere(digestOf(blob)), false);
    assert.deepEqual(await bench.pendingUploads(), []);
    await storeBlob(content, app, blob);
    assert.deepEqual(await bytesOf(await content.readBlob(digestOf(blob))), blob);
  });
});
