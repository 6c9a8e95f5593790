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

test("opening a file content store sweeps the writes that a process left behind", async () => {
  const paths = freshPaths();
  const store = openFileContentStore(paths);
  await store.write(Buffer.from("kept"));
  const writer = await store.startWrite();
  await writer.append(Buffer.from("half"));
  assert.equal(readdirSync(paths.incoming).length, 1);
  const reopened = openFileContentStore(paths);
  assert.deepEqual(readdirSync(paths.incoming), []);
  assert.equal(await reopened.size(digestOf("kept")), 4);
  await writer.discard();
});
