import assert from "node:assert/strict";
import { test } from "node:test";
import { takeTurns } from "./take-turns.ts";

/** Work that goes on until it is told to end, in the order in which it was begun. */
function openWork() {
  const inTurn = takeTurns(4);
  const begun: PromiseWithResolvers<string>[] = [];
  const start = () =>
    inTurn(() => {
      const work = Promise.withResolvers<string>();
      begun.push(work);
      return work.promise;
    });
  return { begun, start };
}

test("a fifth piece of work begins when one of the first four has ended", async () => {
  const { begun, start } = openWork();
  const all = Array.from({ length: 6 }, start);
  assert.equal(begun.length, 4);
  begun[2]?.resolve("third");
  assert.equal(await all[2], "third");
  await new Promise(setImmediate);
  assert.equal(begun.length, 5);
  begun[4]?.resolve("fifth");
  assert.equal(await all[4], "fifth");
  await new Promise(setImmediate);
  assert.equal(begun.length, 6);
});

test("work that fails gives its turn to the next one", async () => {
  const { begun, start } = openWork();
  const all = Array.from({ length: 5 }, start);
  begun[0]?.reject(new Error("no such disk"));
  await assert.rejects(all[0] as Promise<string>, /no such disk/);
  await new Promise(setImmediate);
  begun[4]?.resolve("fifth");
  assert.equal(await all[4], "fifth");
  for (const work of begun) work.resolve("over");
  await Promise.all(all.slice(1));
  start();
  assert.equal(begun.length, 6);
});
