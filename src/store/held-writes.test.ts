import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { digestOf } from "../oci/digest.ts";
import { DigestMismatch } from "./content-store.ts";
import { openFileContentStore } from "./file-content-store.ts";
import { holdContent } from "./held-content.ts";
import { openSqliteStore } from "./sqlite-store.ts";

function startHeldContent(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-writes-"));
  const paths = { content: join(directory, "content"), incoming: join(directory, "incoming") };
  const store = openSqliteStore(":memory:");
  t.after(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });
  let time = 0;
  return {
    paths,
    /** As by another process, over the same records. */
    open: () => holdContent(store, openFileContentStore(paths, { sweepsAtOpen: false }), () => new Date(time)),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    incoming: () => readdirSync(paths.incoming),
  };
}

test("a write is taken up by another process with what was appended, and by its holder only", async (t) => {
  const { open } = startHeldContent(t);
  const held = open();
  const id = await held.startWrite("app");
  await held.findWrite("app", id)?.append(Buffer.from("first, "));
  const later = open();
  assert.equal(later.findWrite("other", id), undefined);
  const write = later.findWrite("app", id);
  assert.equal(write?.size, "first, ".length);
  await write?.append(Buffer.from("second"), true);
  const digest = digestOf("first, second");
  await write?.finish(digest);
  assert.deepEqual(later.holders(digest), ["app"]);
  assert.equal(String(await later.readAll(digest)), "first, second");
  assert.equal(later.findWrite("app", id), undefined);
});

test("a write whose file has lost what was acknowledged is known no more", async (t) => {
  const { open, paths, incoming } = startHeldContent(t);
  const held = open();
  const id = await held.startWrite("app");
  await held.findWrite("app", id)?.append(Buffer.from("all of this"));
  truncateSync(join(paths.incoming, id), 3);
  assert.equal(open().findWrite("app", id), undefined);
  assert.deepEqual(incoming(), []);
});

test("a record that fails leaves the write to be finished again, and another digest ends it", async (t) => {
  const { open, incoming } = startHeldContent(t);
  const held = open();
  const id = await held.startWrite("app");
  const write = held.findWrite("app", id);
  await write?.append(Buffer.from("body"));
  const fail = () => {
    throw new Error("no such repository");
  };
  await assert.rejects(async () => write?.finish(digestOf("body"), fail), /no such repository/);
  assert.equal(await held.size(digestOf("body")), undefined);
  assert.equal(held.findWrite("app", id)?.size, 4);
  await assert.rejects(async () => write?.finish(digestOf("another")), DigestMismatch);
  assert.equal(held.findWrite("app", id), undefined);
  assert.deepEqual(incoming(), []);
});

test("writes that are idle, or a holder's, are discarded, and none that bytes arrive for", async (t) => {
  const { open, pass, incoming } = startHeldContent(t);
  const held = open();
  const [idle, busy] = [await held.startWrite("app"), await held.startWrite("app")];
  const body = new PassThrough();
  const appended = held.findWrite("app", busy)?.append(body);
  pass(1000);
  const fresh = await held.startWrite("other");
  held.discardWrites({ before: 500 });
  assert.deepEqual(incoming().sort(), [busy, fresh].sort());
  assert.equal(held.findWrite("app", idle), undefined);
  held.discardWrites({ holder: "other" });
  assert.deepEqual(incoming(), [busy]);
  body.end("late");
  assert.equal(await appended, 4);
});
