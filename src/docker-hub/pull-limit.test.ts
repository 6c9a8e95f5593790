import assert from "node:assert/strict";
import { test } from "node:test";
import { createPullCounter } from "./pull-counter.ts";
import type { PullLimit } from "./pull-limit.ts";
import { addressKey } from "./pull-limit-key.ts";

const base: PullLimit = {
  limit: 2,
  windowSeconds: 100,
  window: "rolling",
  manifestGetsPerPull: 1,
  countRejected: false,
};
const at = (seconds: number) => seconds * 1000;

test("a rolling window gives each pull back when a window has passed since it", () => {
  const counter = createPullCounter();
  assert.equal(counter.count("a", at(0), base).remaining, 1);
  assert.equal(counter.count("a", at(60), base).remaining, 0);
  assert.equal(counter.count("a", at(90), base).allowed, false);
  assert.equal(counter.remaining("a", at(101), base), 1);
  assert.equal(counter.remaining("a", at(161), base), 2);
});

test("a fixed window gives all pulls back when a window has passed since the first", () => {
  const fixed: PullLimit = { ...base, window: "fixed" };
  const counter = createPullCounter();
  counter.count("a", at(0), fixed);
  counter.count("a", at(99), fixed);
  assert.equal(counter.remaining("a", at(99), fixed), 0);
  assert.equal(counter.remaining("a", at(101), fixed), 2);
});

test("where two GETs are a pull, four GETs of a limit of two are allowed and the fifth is not", () => {
  const pairs: PullLimit = { ...base, manifestGetsPerPull: 2 };
  const counter = createPullCounter();
  const allowed = [1, 2, 3, 4, 5].map((second) => counter.count("a", at(second), pairs).allowed);
  assert.deepEqual(allowed, [true, true, true, true, false]);
});

test("refused pulls keep a client out for longer only where they are counted", () => {
  for (const countRejected of [false, true]) {
    const counter = createPullCounter();
    for (const second of [0, 0, 50, 60]) counter.count("a", at(second), { ...base, countRejected });
    assert.equal(counter.count("a", at(101), { ...base, countRejected }).allowed, !countRejected);
  }
});

test("keys do not share a limit", () => {
  const counter = createPullCounter();
  counter.count("a", at(0), base);
  counter.count("a", at(0), base);
  assert.equal(counter.count("a", at(1), base).allowed, false);
  assert.equal(counter.count("b", at(1), base).allowed, true);
});

const addresses: [string, string][] = [
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2600:3c00:1:2:aaaa::1", "2600:3c00:1:2::"],
  ["2600:3c00::1", "2600:3c00::"],
];
for (const [address, key] of addresses) {
  test(`${address} is counted as ${key}`, () => assert.equal(addressKey(address), key));
}
