import assert from "node:assert/strict";
import { test } from "node:test";
import { cacheReads } from "./cached-reads.ts";
import { openSqliteStore } from "./sqlite-store.ts";

function openTags() {
  const store = openSqliteStore(":memory:");
  const tags = store.collection<{ digest: string }>("tag");
  return { store, tags, find: cacheReads(tags, { maximum: 2 }) };
}

test("a cached read gives the same object until the collection is written to, by whomever", () => {
  const { store, find } = openTags();
  const elsewhere = store.collection<{ digest: string }>("tag");
  assert.equal(find("v1"), undefined);
  elsewhere.put("v1", { digest: "first" });
  assert.equal(find("v1"), find("v1"));
  assert.deepEqual(find("v1"), { digest: "first" });
  elsewhere.put("v1", { digest: "second" });
  assert.deepEqual(find("v1"), { digest: "second" });
  elsewhere.delete("v1");
  assert.equal(find("v1"), undefined);
});

test("what was read in a transaction is forgotten where it is rolled back", () => {
  const { store, tags, find } = openTags();
  tags.put("v1", { digest: "first" });
  assert.throws(() =>
    store.transaction(() => {
      tags.put("v1", { digest: "second" });
      assert.deepEqual(find("v1"), { digest: "second" });
      throw new Error("no");
    }),
  );
  assert.deepEqual(find("v1"), { digest: "first" });
});

test("a cached read keeps no more than it was told to", () => {
  const { tags, find } = openTags();
  for (const tag of ["a", "b", "c"]) tags.put(tag, { digest: tag });
  const first = find("a");
  find("b");
  find("c");
  assert.notEqual(find("a"), first);
});
