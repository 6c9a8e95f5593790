import assert from "node:assert/strict";
import { test } from "node:test";
import { addressKey, openPullCounter, type PullLimitSettings } from "./pull-limit.ts";

const settings: PullLimitSettings = {
  limit: 2,
  window: 100,
  kind: "rolling",
  manifestGetsPerPull: 1,
  countRejected: false,
};

test("a rolling window gives each pull back when a window has passed since it", () => {
  const counter = openPullCounter(settings);
  assert.deepEqual(counter.spend("a", 0), { allowed: true, remaining: 1 });
  assert.deepEqual(counter.spend("a", 60), { allowed: true, remaining: 0 });
  assert.deepEqual(counter.spend("a", 90), { allowed: false, remaining: 0 });
  assert.equal(counter.remaining("a", 101), 1);
  assert.equal(counter.remaining("a", 161), 2);
});

test("a fixed window gives all pulls back when a window has passed since the first", () => {
  const counter = openPullCounter({ ...settings, kind: "fixed" });
  counter.spend("a", 0);
  counter.spend("a", 99);
  assert.equal(counter.remaining("a", 99), 0);
  assert.equal(counter.remaining("a", 100), 2);
});

test("where two GETs are a pull, remaining falls at the first of each two", () => {
  const counter = openPullCounter({ ...settings, manifestGetsPerPull: 2 });
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((now) => counter.spend("a", now)),
    [
      { allowed: true, remaining: 1 },
      { allowed: true, remaining: 1 },
      { allowed: true, remaining: 0 },
      { allowed: true, remaining: 0 },
      { allowed: false, remaining: 0 },
    ],
  );
});

test("refused pulls keep a client out for longer only where they are counted", () => {
  for (const countRejected of [false, true]) {
    const counter = openPullCounter({ ...settings, countRejected });
    for (const now of [0, 0, 50, 60]) counter.spend("a", now);
    assert.equal(counter.spend("a", 101).allowed, !countRejected);
  }
});

test("keys do not share a limit, and strangers can have used one up", () => {
  const counter = openPullCounter(settings);
  counter.setRemaining("a", 0, 0);
  assert.equal(counter.spend("a", 1).allowed, false);
  assert.equal(counter.spend("b", 1).allowed, true);
  assert.equal(counter.spend("a", 101).allowed, true);
});

const addresses: [string, string][] = [
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2600:3c00:1:2:aaaa::1", "2600:3c00:1:2::"],
  ["2600:3c00::1", "2600:3c00:0:0::"],
  ["::1", "0:0:0:0::"],
];
for (const [address, key] of addresses) {
  test(`${address} is counted as ${key}`, () => assert.equal(addressKey(address), key));
}
