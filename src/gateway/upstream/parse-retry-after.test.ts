import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRetryAfter } from "./parse-retry-after.ts";

const now = Date.UTC(2026, 10, 25, 1, 0, 0);
const rows: [header: string | string[] | undefined, wait: number | undefined][] = [
  ["60", 60_000],
  ["0.5", 500],
  ["Wed, 25 Nov 2026 01:02:00 GMT", 120_000],
  [String(now / 1000 + 30), 30_000],
  [String(now + 30_000), 30_000],
  ["Wed, 25 Nov 2026 00:00:00 GMT", 0],
  ["999999999", 24 * 3600 * 1000],
  [["7", "9"], 7000],
  ["soon", undefined],
  ["-1x", undefined],
  ["", undefined],
  [undefined, undefined],
];

for (const [header, wait] of rows) {
  test(`Retry-After: ${header} is ${wait === undefined ? "no wait that is known" : `${wait} ms`}`, () => {
    assert.equal(parseRetryAfter(header, now), wait);
  });
}
