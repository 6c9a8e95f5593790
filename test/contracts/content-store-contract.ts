// What every ContentStore must do; each implementation's test calls this with a way to open an empty one.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { type ContentStore, DigestMismatch } from "../../src/store/content-store.ts";

const body = Buffer.from("some content, long enough for a range");
const digest = digestOf(body);

async function textOf(stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString();
}

export function testContentStore(name: string, open: () => ContentStore): void {
  testContent(name, open);
  testWriters(name, open);
}

function testContent(name: string, open: () => ContentStore): void {
  test(`${name} gives back what was written, whole and by range`, async () => {
    const store = open();
    assert.deepEqual(await store.write(Readable.from([body.subarray(0, 5), body.subarray(5)])), {
      digest,
      size: body.length,
    });
    assert.equal(await store.size(digest), body.length);
    assert.deepEqual(await store.readAll(digest), body);
    assert.equal(await textOf(store.read(digest, { start: 5, end: 11 })), "content");
  });

  test(`${name} knows no size of content that is not there`, async () => {
    assert.equal(await open().size(digest), undefined);
  });

  test(`${name} refuses content with another digest than expected and keeps nothing of it`, async () => {
    const store = open();
    await assert.rejects(store.write(Buffer.from("other"), digest), DigestMismatch);
    assert.equal(await store.size(digest), undefined);
    assert.equal(await store.size(digestOf("other")), undefined);
  });

  test(`${name} keeps content under sha512 where that is asked for`, async () => {
    const store = open();
    const sha512 = digestOf(body, "sha512");
    assert.deepEqual(await store.write(body, sha512), { digest: sha512, size: body.length });
    assert.deepEqual(await store.readAll(sha512), body);
  });

  test(`${name} forgets deleted content, and deletes what is not there without complaint`, async () => {
    const store = open();
    await store.write(body);
    await store.delete(digest);
    await store.delete(digest);
    assert.equal(await store.size(digest), undefined);
  });
}

function testWriters(name: string, open: () => ContentStore): void {
  test(`${name} shows content written in steps only when it is finished`, async () => {
    const store = open();
    const writer = await store.startWrite();
    assert.equal(await writer.append(body.subarray(0, 10)), 10);
    assert.equal(await store.size(digest), undefined);
    assert.equal(await writer.append(Readable.from([body.subarray(10)])), body.length);
    assert.equal(writer.size, body.length);
    await writer.finish(digest);
    assert.deepEqual(await store.readAll(digest), body);
  });

  test(`${name} keeps what came before a stream failed, so that a writer can go on`, async () => {
    const store = open();
    const writer = await store.startWrite();
    async function* failing() {
      yield body.subarray(0, 7);
      throw new Error("connection lost");
    }
    await assert.rejects(writer.append(Readable.from(failing())), /connection lost/);
    assert.equal(writer.size, 7);
    await writer.append(body.subarray(7));
    assert.equal((await writer.finish()).digest, digest);
  });

  test(`${name} tells when content is about to be visible, and when it is; a failure in between can be tried again`, async () => {
    const store = open();
    const writer = await store.startWrite();
    await writer.append(body);
    const seen: [string, Digest][] = [];
    const fail = () => {
      throw new Error("no record today");
    };
    await assert.rejects(writer.finish(digest, { record: fail }), /no record today/);
    await writer.finish(digest, {
      announce: (announced) => seen.push(["announce", announced]),
      record: (stored) => seen.push(["record", stored.digest]),
    });
    assert.deepEqual(seen, [
      ["announce", digest],
      ["record", digest],
    ]);
    assert.deepEqual(await store.readAll(digest), body);
  });

  testSpool(name, open);
}

function testSpool(name: string, open: () => ContentStore): void {
  test(`${name} lists what is in it, and nothing that is being written`, async () => {
    const store = open();
    const stored = [await store.write(body), await store.write(Buffer.from("other"))].map((content) => content.digest);
    const spool = await store.startSpool();
    await spool.append(Buffer.from("not yet"));
    const listed: string[] = [];
    for await (const found of store.list()) listed.push(found);
    assert.deepEqual(listed.sort(), stored.sort());
    await spool.discard();
  });

  test(`${name} lets a spool be read while it grows, and after it was finished until it is closed`, async () => {
    const store = open();
    const spool = await store.startSpool();
    await spool.append(body.subarray(0, 10));
    assert.equal((await spool.readSoFar({ start: 5, end: 9 })).toString(), "conte");
    await spool.append(Readable.from([body.subarray(10, 12), body.subarray(12)]));
    await assert.rejects(spool.readSoFar({ start: 0, end: body.length }), RangeError);
    await spool.finish(digest);
    await store.delete(digest);
    assert.deepEqual(await spool.readSoFar({ start: 0, end: body.length - 1 }), body);
    await spool.close();
  });

  test(`${name} verifies a spool before it is finished, by any algorithm, and lets it grow on`, async () => {
    const store = open();
    const spool = await store.startSpool();
    await spool.append(body.subarray(0, 10));
    await spool.verify(digestOf(body.subarray(0, 10)));
    await assert.rejects(spool.verify(digest), DigestMismatch);
    await spool.append(body.subarray(10));
    for (const expected of [digest, digestOf(body, "sha512")]) await spool.verify(expected);
    assert.equal(await store.size(digest), undefined);
    await spool.finish(digest);
    await spool.close();
    assert.equal(await store.size(digest), body.length);
  });
}
