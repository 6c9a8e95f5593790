import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { digestOf } from "../oci/digest.ts";
import { openFileContentStore } from "./file-content-store.ts";
import { holdContent } from "./held-content.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const root = mkdtempSync(join(tmpdir(), "chubo-held-"));
after(() => rmSync(root, { recursive: true }));

const now = () => new Date();

function open() {
  const directory = mkdtempSync(join(root, "store-"));
  const content = openFileContentStore({ content: join(directory, "content"), incoming: join(directory, "incoming") });
  const store = openSqliteStore(":memory:");
  return { store, content, held: holdContent(store, content, now) };
}

const body = Buffer.from("shared");
const digest = digestOf(body);

test("content that two hold goes only when the second releases it", async () => {
  const { held, content } = open();
  await held.write("s3/one", body);
  await held.write("ecr/app", body);
  held.release("s3/one", digest);
  await setImmediate();
  assert.equal(await content.size(digest), body.length);
  held.release("ecr/app", digest);
  await setImmediate();
  assert.equal(await content.size(digest), undefined);
});

test("holding twice and releasing twice count once", async () => {
  const { held, content } = open();
  await held.write("a", body);
  held.hold("a", digest);
  held.hold("b", digest);
  held.release("a", digest);
  held.release("a", digest);
  await setImmediate();
  assert.equal(await content.size(digest), body.length);
});

test("a release while the same content is being written again does not lose it", async () => {
  const { held, content } = open();
  await held.write("old", body);
  async function* slow() {
    held.release("old", digest);
    await setImmediate();
    yield body;
  }
  await held.write("new", Readable.from(slow()));
  assert.equal(await content.size(digest), body.length);
});

test("a release inside a transaction that is rolled back removes nothing", async () => {
  const { store, held, content } = open();
  await held.write("a", body);
  const undo = () =>
    store.transaction(() => {
      held.release("a", digest);
      throw new Error("undo");
    });
  assert.throws(undo, /undo/);
  await setImmediate();
  assert.equal(await content.size(digest), body.length);
  held.release("a", digest);
  await setImmediate();
  assert.equal(await content.size(digest), undefined);
});

test("what an earlier process released and did not remove is removed at the next start", async () => {
  const { store, content } = open();
  await content.write(body);
  store.collection("content-garbage").put(digest, digest);
  holdContent(store, content, now);
  assert.equal(await content.size(digest), undefined);
});
