import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { testContentStore } from "../../test/contracts/content-store-contract.ts";
import { digestOf } from "../oci/digest.ts";
import { openFileContentStore } from "./file-content-store.ts";

const root = mkdtempSync(join(tmpdir(), "chubo-content-"));
after(() => rmSync(root, { recursive: true }));

function freshPaths() {
  const directory = mkdtempSync(join(root, "store-"));
  return { content: join(directory, "content"), incoming: join(directory, "incoming") };
}

testContentStore("a file content store", () => openFileContentStore(freshPaths()));
testContentStore("a file content store that need not be durable", () =>
  openFileContentStore(freshPaths(), { durable: false }),
);

test("a file content store lies under content/ALGORITHM/AB/HEX and leaves nothing in incoming", async () => {
  const paths = freshPaths();
  const { digest } = await openFileContentStore(paths).write(Buffer.from("x"));
  const hex = digest.slice("sha256:".length);
  assert.ok(existsSync(join(paths.content, "sha256", hex.slice(0, 2), hex)));
  assert.deepEqual(readdirSync(paths.incoming), []);
});

test("a file content store takes up the write of another process, and sweeps those that nobody wants", async () => {
  const paths = freshPaths();
  const earlier = openFileContentStore(paths);
  await earlier.write(Buffer.from("kept"));
  const [wanted, unwanted] = [await earlier.startWrite(), await earlier.startWrite()];
  await wanted.append(Buffer.from("half, and a torn tail"));
  await unwanted.append(Buffer.from("half"));
  assert.equal(readdirSync(paths.incoming).length, 2);
  const store = openFileContentStore(paths, { sweepsAtOpen: false });
  const sizes: number[] = [];
  store.sweepWrites((id, size) => {
    if (id === wanted.id) sizes.push(size);
    return id === wanted.id;
  });
  assert.deepEqual(sizes, ["half, and a torn tail".length]);
  assert.deepEqual(readdirSync(paths.incoming), [wanted.id]);
  assert.equal(await store.size(digestOf("kept")), 4);
  const resumed = await store.resumeWrite(wanted.id, "half".length);
  await resumed.append(Buffer.from(" and half"));
  await resumed.finish(digestOf("half and half"));
  assert.deepEqual(readdirSync(paths.incoming), []);
  assert.equal(String(await store.readAll(digestOf("half and half"))), "half and half");
});

test("opening a file content store sweeps the writes that a process left behind, unless its owner does", async () => {
  const paths = freshPaths();
  await openFileContentStore(paths).startWrite();
  openFileContentStore(paths, { sweepsAtOpen: false });
  assert.equal(readdirSync(paths.incoming).length, 1);
  openFileContentStore(paths);
  assert.deepEqual(readdirSync(paths.incoming), []);
});
