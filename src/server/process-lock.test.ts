import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findLockOwner, takeProcessLock } from "./process-lock.ts";

function lockFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-lock-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "lock");
}

test("a lock is held once, tells who holds it and what was announced, and is free after its release", (t) => {
  const file = lockFile(t);
  assert.equal(findLockOwner(file), undefined);
  const lock = takeProcessLock(file);
  assert.equal(takeProcessLock(file), undefined);
  assert.deepEqual(findLockOwner(file), { pid: process.pid, lines: [] });
  lock?.announce(["http://127.0.0.1:5000", "word"]);
  assert.deepEqual(findLockOwner(file), { pid: process.pid, lines: ["http://127.0.0.1:5000", "word"] });
  lock?.release();
  assert.equal(findLockOwner(file), undefined);
});

test("what a process left that is gone is taken over, also where its number is used again", (t) => {
  const file = lockFile(t);
  for (const left of ["999999999\n", "0\n", "", "no number\n", `${process.pid} 1\nhttp://127.0.0.1:5000\n`]) {
    writeFileSync(file, left);
    assert.equal(findLockOwner(file), undefined, left);
    const lock = takeProcessLock(file);
    assert.ok(lock !== undefined, left);
    assert.match(readFileSync(file, "utf8"), new RegExp(`^${process.pid}\\b`));
    lock.release();
  }
});
