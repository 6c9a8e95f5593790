import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type BlobAnswer, cutAfter, refuse, startBlobUpstream, startOf } from "../../../test/fixtures/blob-upstream.ts";
import { digestOf } from "../../oci/digest.ts";
import { type BlockPool, createBlockPool } from "../../registry/block-pool.ts";
import { openFileContentStore } from "../../store/file-content-store.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { openBlobDownloads } from "./blob-downloads.ts";
import { type LocalPulledContentOptions, openLocalPulledContent } from "./local-pulled-content.ts";
import type { PulledContent } from "./pulled-content.ts";

const repository = "library/app";
const canonical = `docker.io/${repository}`;
const megabyte = 1024 * 1024;

type BenchOptions = Partial<LocalPulledContentOptions> & { linkBlob?: PulledContent["linkBlob"]; pool?: BlockPool };

async function openBench(t: TestContext, { linkBlob, pool, ...options }: BenchOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-download-"));
  const paths = { content: join(directory, "content"), incoming: join(directory, "incoming") };
  const store = openSqliteStore(":memory:");
  const local = openLocalPulledContent({ store, content: openFileContentStore(paths), now: Date.now, ...options });
  const content: PulledContent = { ...local, ...(linkBlob === undefined ? {} : { linkBlob }) };
  const source = await startBlobUpstream();
  const downloads = openBlobDownloads({
    ...{ upstream: source.upstream, content, nameOf: (name: string) => `docker.io/${name}` },
    ...(pool === undefined ? {} : { pool }),
  });
  t.after(async () => {
    source.close();
    await downloads.close();
    rmSync(directory, { recursive: true });
  });
  const open = async (...asked: Parameters<typeof downloads.open>) => {
    const blob = await downloads.open(...asked);
    assert.ok(blob);
    return blob;
  };
  const incoming = () => readdirSync(paths.incoming);
  return { ...source, content, downloads, open, incoming };
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await setTimeout(5);
}

/** Gives the first `count` bytes and keeps the rest until it is told to go on. */
function pauseAfter(count: number): { answer: BlobAnswer; goOn: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const answer: BlobAnswer = (request, response, blob) => {
    const start = startOf(request);
    response.writeHead(200, { "content-length": blob.byteLength });
    response.write(blob.subarray(start, count));
    void promise.then(() => response.end(blob.subarray(count)));
  };
  return { answer, goOn: resolve };
}

test("twenty who ask at once for a blob get it whole from one request to the upstream", async (t) => {
  const { add, open, requests, content, incoming } = await openBench(t);
  const blob = randomBytes(5 * megabyte + 17);
  const digest = add(blob);
  const readers = Array.from({ length: 20 }, async () => bytesOf(await (await open(repository, digest)).read()));
  for (const bytes of await Promise.all(readers)) assert.ok(bytes.equals(blob));
  assert.deepEqual(requests, [`GET ${repository} ${digest}`]);
  await until(async () => (await content.findBlob(canonical, digest)) === blob.byteLength);
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
  assert.equal(requests.length, 1);
  assert.deepEqual(incoming(), []);
});

test("what is there is read while the rest is on its way, and a range as soon as its bytes are there", async (t) => {
  const { add, open, answers } = await openBench(t);
  const blob = randomBytes(4 * megabyte);
  const digest = add(blob);
  const { answer, goOn } = pauseAfter(2 * megabyte);
  answers.push(answer);
  const { read, size } = await open(repository, digest);
  assert.equal(size, blob.byteLength);
  const part = await bytesOf(await read({ start: 100, end: megabyte }));
  assert.ok(part.equals(blob.subarray(100, megabyte + 1)));
  const whole = bytesOf(await read());
  const last = bytesOf(await read({ start: size - 10, end: size - 1 }));
  goOn();
  assert.ok((await whole).equals(blob));
  assert.ok((await last).equals(blob.subarray(size - 10)));
});

test("a slow reader holds nobody up", async (t) => {
  const { add, open, content } = await openBench(t);
  const blob = randomBytes(20 * megabyte);
  const digest = add(blob);
  const slow = await (await open(repository, digest)).read();
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
  await until(async () => (await content.findBlob(canonical, digest)) !== undefined);
  assert.ok((await bytesOf(slow)).equals(blob));
});

test("readers whose memory is used again get the same bytes at their own pace, and nothing after they close", async (t) => {
  const { add, open, requests } = await openBench(t);
  const blob = randomBytes(40 * megabyte + 5);
  const digest = add(blob);
  const readers = Array.from({ length: 8 }, async (_, number) => {
    const { follow } = await open(repository, digest);
    const start = number * 1000;
    const reader = await follow?.({ start, end: blob.byteLength - 1 });
    assert.ok(reader);
    let position = start;
    for (let lent = await reader.next(); lent !== undefined; lent = await reader.next()) {
      // Slow ones read the file, beside those that keep up.
      if (number % 2 === 0) await setTimeout(number);
      const { byteLength } = lent.bytes;
      assert.ok(lent.bytes.equals(blob.subarray(position, position + byteLength)), `${number} at ${position}`);
      position += byteLength;
      lent.release();
      if (number === 3 && position > 8 * megabyte) reader.close();
    }
    if (number !== 3) assert.equal(position, blob.byteLength);
    reader.close();
  });
  await Promise.all(readers);
  assert.equal(requests.length, 1);
});

test("who comes when a blob is stored and not yet linked to the repository gets it whole", async (t) => {
  const { promise: linking, resolve: reached } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: link } = Promise.withResolvers<boolean>();
  const { add, open, answers, requests } = await openBench(t, {
    linkBlob() {
      reached();
      return goOn;
    },
  });
  const blob = randomBytes(3 * megabyte);
  const digest = add(blob);
  add(blob, "library/sibling");
  const { answer, goOn: send } = pauseAfter(megabyte);
  answers.push(answer);
  const readers = [await open(repository, digest), await open("library/sibling", digest)].map(({ read }) => read());
  send();
  for (const reader of readers) assert.ok((await bytesOf(await reader)).equals(blob));
  await linking;
  const late = await open("library/sibling", digest);
  assert.ok((await bytesOf(await late.read())).equals(blob));
  link(false);
  assert.equal(requests.filter((request) => request.startsWith("GET")).length, 1);
});

test("a large download is stopped when all who opened it have closed it and read nothing", async (t) => {
  const { add, open, answers, incoming } = await openBench(t);
  const digest = add(randomBytes(17 * megabyte));
  answers.push(pauseAfter(megabyte).answer);
  const opened = [await open(repository, digest), await open(repository, digest)];
  assert.equal(incoming().length, 1);
  for (const { close } of opened) close?.();
  await until(() => incoming().length === 0);
});

test("many readers that stop at places of their own are lent small blocks, with every byte right", async (t) => {
  const pool = createBlockPool();
  const { add, open, requests } = await openBench(t, { pool });
  const blob = randomBytes(70 * megabyte);
  const digest = add(blob);
  const { read, follow } = await open(repository, digest);
  await bytesOf(await read());
  const readers = await Promise.all(
    Array.from({ length: 69 }, async (_, number) => {
      const reader = await follow?.({ start: number * megabyte + 7, end: blob.byteLength - 1 });
      return { reader, start: number * megabyte + 7, lent: await reader?.next() };
    }),
  );
  assert.ok(pool.isScarce);
  const sizes = readers.map(({ lent }) => lent?.bytes.byteLength ?? 0);
  assert.ok(sizes.filter((size) => size > 64 * 1024).length <= 48, String(sizes));
  for (const { reader, start, lent } of readers) {
    assert.ok(lent);
    assert.ok(lent.bytes.equals(blob.subarray(start, start + lent.bytes.byteLength)), String(start));
    lent.release();
    reader?.close();
  }
  assert.equal(pool.isScarce, false);
  assert.equal(requests.length, 1);
});

test("a reader that waits for bytes is told when it closes", async (t) => {
  const { add, open, answers } = await openBench(t);
  const digest = add(randomBytes(3 * megabyte));
  const { answer, goOn } = pauseAfter(megabyte);
  answers.push(answer);
  const reader = await (await open(repository, digest)).follow?.({ start: 2 * megabyte, end: 2 * megabyte });
  const waiting = reader?.next();
  reader?.close();
  assert.equal(await waiting, undefined);
  goOn();
});

test("a blob with other bytes than its digest says is never shown whole, and is not stored", async (t) => {
  const { add, open, answers, content, incoming } = await openBench(t);
  const blob = randomBytes(3 * megabyte);
  const digest = add(blob);
  const wrong = Buffer.from(blob);
  wrong[5] = (wrong[5] as number) ^ 1;
  answers.push((_, response) => void response.writeHead(200, { "content-length": wrong.byteLength }).end(wrong));
  const opened = await Promise.all([open(repository, digest), open(repository, digest)]);
  for (const { read } of opened) {
    const stream = await read();
    let received = 0;
    stream.on("data", (bytes: Buffer) => {
      received += bytes.byteLength;
    });
    const error = await new Promise<Error>((resolve) => stream.once("error", resolve));
    assert.match(error.message, /other bytes than its digest says/);
    assert.ok(received < blob.byteLength);
  }
  await until(() => incoming().length === 0);
  assert.equal(await content.findBlob(canonical, digest), undefined);
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
});

test("a cut is resumed where it broke off, and again", async (t) => {
  const { add, open, answers, requests } = await openBench(t);
  const blob = randomBytes(3 * megabyte);
  const digest = add(blob);
  answers.push(cutAfter(megabyte), cutAfter(megabyte));
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
  assert.equal(requests.length, 3);
  assert.match(requests[2] ?? "", /bytes=\d+-$/);
});

test("an upstream that knows no ranges is read from the start again", async (t) => {
  const { add, open, answers } = await openBench(t);
  const blob = randomBytes(2 * megabyte);
  const digest = add(blob);
  const ignoring: BlobAnswer = (_, response, bytes) =>
    void response.writeHead(200, { "content-length": bytes.byteLength }).end(bytes);
  answers.push(cutAfter(megabyte), ignoring);
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
});

test("an upstream that brings no byte in three tries is given up, and every reader is told", async (t) => {
  const { add, open, answers, requests } = await openBench(t);
  const digest = add(randomBytes(2 * megabyte));
  answers.push(cutAfter(megabyte), refuse(503), refuse(503), refuse(503));
  const { read } = await open(repository, digest);
  const readers = [await read(), await read()].map(bytesOf);
  for (const reader of readers) await assert.rejects(reader, { name: "UpstreamFailure", kind: "unavailable" });
  assert.equal(requests.length, 4);
});

test("an answer that is shorter or longer than its size is faulty", async (t) => {
  const { add, open, answers } = await openBench(t);
  const blob = randomBytes(300_000);
  const digest = add(blob);
  const lying =
    (bytes: Buffer): BlobAnswer =>
    (_, response) => {
      response.writeHead(200, { "transfer-encoding": "chunked" }).end(bytes);
    };
  answers.push(lying(Buffer.concat([blob, blob])));
  const longer = await (await open(repository, digest, blob.byteLength)).read();
  await assert.rejects(bytesOf(longer), { kind: "faulty" });
  await assert.rejects(open(repository, digest, 12), { kind: "faulty", message: /its manifest says 12/ });
  for (const _ of [1, 2, 3, 4]) answers.push(lying(blob.subarray(0, 1000)));
  const shorter = await (await open(repository, digest, blob.byteLength)).read();
  await assert.rejects(bytesOf(shorter), { kind: "faulty" });
});

test("a blob whose size nobody knows is answered once it is whole", async (t) => {
  const { add, open, answers } = await openBench(t);
  const blob = randomBytes(200_000);
  const digest = add(blob);
  answers.push((_, response, bytes) => void response.writeHead(200, { "transfer-encoding": "chunked" }).end(bytes));
  const { size, read } = await open(repository, digest);
  assert.equal(size, blob.byteLength);
  assert.ok((await bytesOf(await read())).equals(blob));
});

test("a refusal before the first byte reaches all who wait, and the next asker starts afresh", async (t) => {
  const { add, downloads, open, answers, requests } = await openBench(t);
  const blob = randomBytes(1000);
  const digest = add(blob);
  answers.push(refuse(429));
  const waiting = [1, 2, 3].map(() => downloads.open(repository, digest));
  for (const waiter of waiting) await assert.rejects(waiter, { name: "UpstreamFailure", kind: "abuse-limit" });
  assert.equal(requests.length, 1);
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
});

test("a blob that the upstream does not have is absent for all who wait", async (t) => {
  const { downloads } = await openBench(t);
  const digest = digestOf("nowhere");
  const waiting = [downloads.open(repository, digest), downloads.open(repository, digest)];
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
});

test("another repository gets a blob only once the upstream says that it has it too", async (t) => {
  const { add, downloads, open, requests, answers, content } = await openBench(t);
  const blob = randomBytes(megabyte);
  const digest = add(blob);
  const { answer, goOn } = pauseAfter(1000);
  answers.push(answer);
  const first = await open(repository, digest);
  assert.equal(await downloads.open("private/other", digest), undefined);
  add(blob, "library/sibling");
  const second = await open("library/sibling", digest);
  goOn();
  for (const { read } of [first, second]) assert.ok((await bytesOf(await read())).equals(blob));
  await until(async () => (await content.findBlob("docker.io/library/sibling", digest)) !== undefined);
  assert.equal(await downloads.open("private/other", digest), undefined);
  add(blob, "library/third");
  assert.equal((await open("library/third", digest)).size, blob.byteLength);
  assert.equal(requests.filter((request) => request.startsWith("GET")).length, 1);
});

test("a large download whose readers have all gone early is stopped, and the next asker gets it whole", async (t) => {
  const { add, open, answers, requests, incoming } = await openBench(t);
  const blob = randomBytes(17 * megabyte);
  const digest = add(blob);
  answers.push(pauseAfter(megabyte).answer);
  const stream = await (await open(repository, digest)).read();
  stream.once("data", () => stream.destroy());
  await until(() => stream.destroyed && incoming().length === 0);
  assert.ok((await bytesOf(await (await open(repository, digest)).read())).equals(blob));
  assert.equal(requests.length, 2);
});

test("a small download goes on when its readers have gone", async (t) => {
  const { add, open, answers, content } = await openBench(t);
  const digest = add(randomBytes(3 * megabyte));
  const { answer, goOn } = pauseAfter(megabyte);
  answers.push(answer);
  const stream = await (await open(repository, digest)).read();
  stream.once("data", () => stream.destroy());
  await until(() => stream.destroyed);
  goOn();
  await until(async () => (await content.findBlob(canonical, digest)) !== undefined);
});

test("a blob for which there is no room is passed through, verified, and not stored", async (t) => {
  const { add, open, answers, content } = await openBench(t, { maximumBytes: megabyte });
  const blob = randomBytes(2 * megabyte);
  const digest = add(blob);
  answers.push(cutAfter(megabyte));
  const { read } = await open(repository, digest);
  assert.ok((await bytesOf(await read())).equals(blob));
  assert.ok((await bytesOf(await read({ start: 70, end: 99 }))).equals(blob.subarray(70, 100)));
  assert.equal(await content.findBlob(canonical, digest), undefined);
  const wrong = Buffer.alloc(blob.byteLength);
  answers.push((_, response) => void response.writeHead(200, { "content-length": wrong.byteLength }).end(wrong));
  await assert.rejects(bytesOf(await read()), { kind: "faulty" });
});

test("closing stops what is on its way and leaves nothing of it", async (t) => {
  const { add, open, downloads, answers, incoming } = await openBench(t);
  const digest = add(randomBytes(2 * megabyte));
  answers.push(pauseAfter(megabyte).answer);
  const reading = bytesOf(await (await open(repository, digest)).read());
  await Promise.all([assert.rejects(reading, /closing/), downloads.close()]);
  assert.deepEqual(incoming(), []);
  await assert.rejects(downloads.open(repository, digest), { kind: "unavailable" });
});
