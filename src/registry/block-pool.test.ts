import assert from "node:assert/strict";
import { test } from "node:test";
import { createBlockPool } from "./block-pool.ts";

/** Reads that go on until they are told to end, in the order in which they were begun. */
function openReads() {
  const blocks = createBlockPool();
  const begun: PromiseWithResolvers<string>[] = [];
  const start = () =>
    blocks.readInTurn(() => {
      const read = Promise.withResolvers<string>();
      begun.push(read);
      return read.promise;
    });
  return { begun, start };
}

test("a fifth read of a file begins when one of the first four has ended", async () => {
  const { begun, start } = openReads();
  const reads = Array.from({ length: 6 }, start);
  assert.equal(begun.length, 4);
  begun[2]?.resolve("third");
  assert.equal(await reads[2], "third");
  await new Promise(setImmediate);
  assert.equal(begun.length, 5);
  begun[4]?.resolve("fifth");
  assert.equal(await reads[4], "fifth");
  await new Promise(setImmediate);
  assert.equal(begun.length, 6);
});

test("a read that fails gives its turn to the next one", async () => {
  const { begun, start } = openReads();
  const reads = Array.from({ length: 5 }, start);
  begun[0]?.reject(new Error("no such disk"));
  await assert.rejects(reads[0] as Promise<string>, /no such disk/);
  await new Promise(setImmediate);
  begun[4]?.resolve("fifth");
  assert.equal(await reads[4], "fifth");
  for (const read of begun) read.resolve("over");
  await Promise.all(reads.slice(1));
  start();
  assert.equal(begun.length, 6);
});
