import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keepLimitReadings, type LimitReading, listLimitReadings } from "./limit-readings.ts";

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-readings-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const reading = (time: number): LimitReading => ({
  ...{ time, upstream: "docker.io", identity: "anonymous", remaining: 42, limit: 100, windowSeconds: 3600 },
  source: "203.0.113.10",
});

test("readings are kept in order, and a line that a crash cut off is left out", (t) => {
  const root = join(temporaryDirectory(t), "state");
  assert.deepEqual(listLimitReadings(root), []);
  keepLimitReadings(root, [reading(1), reading(2)]);
  appendFileSync(join(root, "limit-readings.jsonl"), '{"time":3\n');
  keepLimitReadings(root, [reading(4)]);
  assert.deepEqual(listLimitReadings(root), [reading(1), reading(2), reading(4)]);
});

test("of too many readings the newer half stays", (t) => {
  const root = temporaryDirectory(t);
  const many = Array.from({ length: 10_000 }, (_, time) => reading(time));
  keepLimitReadings(root, many);
  const kept = listLimitReadings(root);
  assert.ok(kept.length < many.length && kept.length >= many.length / 2, String(kept.length));
  assert.deepEqual(kept.at(-1), many.at(-1));
  assert.ok(statSync(join(root, "limit-readings.jsonl")).size < 1024 * 1024);
});

test("a directory that cannot be written is a usage error", (t) => {
  const file = join(temporaryDirectory(t), "file");
  writeFileSync(file, "");
  assert.throws(() => keepLimitReadings(join(file, "state"), [reading(1)]), { code: "CONFIG_STATE" });
});
