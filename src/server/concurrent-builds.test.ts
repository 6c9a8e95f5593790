import assert from "node:assert/strict";
import { test } from "node:test";
import { concurrentBuildsOf } from "./concurrent-builds.ts";

const gib = 1024 ** 3;

for (const { processors, memory, builds } of [
  { processors: 8, memory: 64, builds: 16 },
  { processors: 8, memory: 6, builds: 6 },
  { processors: 1, memory: 1, builds: 4 },
]) {
  test(`${builds} builds run at once on ${processors} processors with ${memory} GiB`, () => {
    assert.equal(concurrentBuildsOf({ processors, memory: memory * gib }), builds);
  });
}
