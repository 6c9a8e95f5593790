import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readlinkSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createOpenFiles } from "./open-files.ts";

function makeFile(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-open-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "file");
  writeFileSync(path, "content");
  return path;
}

/** Closing is another thread's. */
async function waitUntilClosed(path: string): Promise<void> {
  while (openPaths().some((open) => open?.startsWith(path))) await setTimeout(1);
}

function openPaths(): (string | undefined)[] {
  return readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return undefined;
    }
  });
}

test("an open file is opened once, and is there at once for the next reader", async (t) => {
  const path = makeFile(t);
  const files = createOpenFiles();
  const first = await files.open(path);
  const second = files.open(path);
  assert.ok(!(second instanceof Promise));
  assert.equal(second.fd, first?.fd);
  assert.equal(second.size, "content".length);
  files.close();
  for (const file of [first, second]) file?.release();
  await waitUntilClosed(path);
});

test("a file that is forgotten stays readable until its last reader has released it", async (t) => {
  const path = makeFile(t);
  const files = createOpenFiles();
  const file = await files.open(path);
  rmSync(path);
  files.forget(path);
  assert.equal(await files.open(path), undefined);
  const block = Buffer.alloc(7);
  readSync(file?.fd ?? -1, block, 0, 7, 0);
  assert.equal(String(block), "content");
  file?.release();
  file?.release();
  await waitUntilClosed(path);
});

test("a file that is removed while it is being opened is not found again", async (t) => {
  const path = makeFile(t);
  const files = createOpenFiles();
  const opening = files.open(path);
  rmSync(path);
  files.forget(path);
  (await opening)?.release();
  assert.equal(await files.open(path), undefined);
  await waitUntilClosed(path);
});

test("no more files are kept open than were allowed", async (t) => {
  const path = makeFile(t);
  const other = makeFile(t);
  const files = createOpenFiles({ maximum: 1 });
  for (const name of [path, other]) (await files.open(name))?.release();
  await waitUntilClosed(path);
  assert.ok(openPaths().includes(other));
  files.close();
  await waitUntilClosed(other);
});
