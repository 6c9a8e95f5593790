import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBuildspec } from "./parse-buildspec.ts";

test("a task's debug-session is carried out", () => {
  const { notCarriedOut, unknownKeys, batch } = parseBuildspec(`version: 0.2
batch:
  build-list:
    - { identifier: a, debug-session: true, ignore-failure: true }
phases: { build: { commands: ["true"] } }
`);
  assert.deepEqual(notCarriedOut, []);
  assert.deepEqual(unknownKeys, []);
  assert.equal(batch?.plan.kind === "list" && batch.plan.tasks[0]?.ignoreFailure, true);
  assert.equal(batch?.plan.kind === "list" && batch.plan.tasks[0]?.debugSession, true);
});
