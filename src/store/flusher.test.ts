import assert from "node:assert/strict";
import { test } from "node:test";
import { createFlusher } from "./flusher.ts";

test("syncs one at a time, and once more for what came while one was running", async () => {
  let running = 0;
  let syncs = 0;
  const flusher = createFlusher(async () => {
    assert.equal(++running, 1);
    syncs += 1;
    await new Promise(setImmediate);
    running -= 1;
  });
  await flusher.settle();
  assert.equal(syncs, 0);
  for (let write = 0; write < 5; write++) flusher.begin();
  await flusher.settle();
  assert.equal(syncs, 2);
});

test("a sync that failed is told to whoever goes on and to whoever ends", async () => {
  const flusher = createFlusher(() => Promise.reject(new Error("EIO")));
  flusher.begin();
  await assert.rejects(flusher.settle(), /EIO/);
  assert.throws(() => flusher.begin(), /EIO/);
});
