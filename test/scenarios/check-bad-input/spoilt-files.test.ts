import assert from "node:assert/strict";
import { test } from "node:test";
import { readSpoiltFiles } from "../../contracts/spoilt-files.ts";

test("no reader fails over 5,000 spoilt files of all kinds (node bench/check-mutations.ts: 100,000)", () => {
  const { read, failures } = readSpoiltFiles(5000, 7);
  assert.equal(read, 5000);
  assert.deepEqual(failures, []);
});
