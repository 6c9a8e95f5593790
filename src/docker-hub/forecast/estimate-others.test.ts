import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountedGets, countManifestGet, remainingPulls } from "../pull-limit.ts";
import { estimateOthers, type RemainingReading } from "./estimate-others.ts";
import { createSeededRandom } from "./seeded-random.ts";

const hour = 3_600_000;
const options = { window: "rolling", windowSeconds: 21_600, ownPerHour: 0 } as const;

function read(hours: number, remaining: number, more: Partial<RemainingReading> = {}): RemainingReading {
  return { time: hours * hour, remaining, limit: 100, source: "192.0.2.1", ...more };
}

test("in a rolling window what is missing is what others pulled in the window before, less one's own", () => {
  const estimate = estimateOthers([read(6, 40)], { ...options, ownPerHour: 3 });
  assert.equal(estimate?.perAddressPerHour, 7);
  assert.equal(estimate?.hours, 6);
  assert.equal(estimate?.isLowerBound, false);
});

test("readings close together count by the time that they add", () => {
  const readings = [read(6, 40), read(6.001, 40), read(6.002, 40), read(12.002, 70)];
  // 60 pulls in six hours once, 30 pulls in the next six.
  assert.ok(Math.abs((estimateOthers(readings, options)?.perAddressPerHour ?? 0) - 7.5) < 0.01);
});

test("in a fixed window falls are summed, and a rise, a gap of a window or another source tell nothing", () => {
  const fixed = { ...options, window: "fixed" } as const;
  const readings = [
    read(0, 90),
    read(1, 80),
    read(2, 60),
    read(3, 95),
    read(12, 20),
    read(1, 10, { source: "192.0.2.2" }),
  ];
  const estimate = estimateOthers(readings, fixed);
  assert.equal(estimate?.perAddressPerHour, 15);
  assert.equal(estimate?.hours, 2);
  assert.equal(estimateOthers([read(0, 90)], fixed), undefined);
});

test("a reading with nothing left makes the estimate a lower bound", () => {
  for (const window of ["rolling", "fixed"] as const) {
    assert.equal(estimateOthers([read(0, 50), read(1, 0)], { ...options, window })?.isLowerBound, true);
  }
});

test("a window told by the reading goes before the usual one", () => {
  assert.equal(estimateOthers([read(6, 40, { windowSeconds: 3600 })], options)?.perAddressPerHour, 60);
});

test("one's own pulls never make others negative, and no readings make no estimate", () => {
  assert.equal(estimateOthers([read(6, 99)], { ...options, ownPerHour: 50 })?.perAddressPerHour, 0);
  assert.equal(estimateOthers([], options), undefined);
});

test("lines of another form are left out", () => {
  const faulty = [
    null,
    7,
    {},
    read(1, -1),
    read(1, Number.NaN),
    read(1, 101),
    read(1e300, 1),
    read(1, 1, { windowSeconds: 0 }),
    read(1, 1, { windowSeconds: "6 h" as never }),
    { ...read(1, 1), time: "now" },
  ] as RemainingReading[];
  assert.equal(estimateOthers(faulty, options), undefined);
  assert.equal(estimateOthers([...faulty, read(6, 40)], options)?.perAddressPerHour, 10);
});

test("readings of a simulated day find the rate and the busy hours", () => {
  const random = createSeededRandom(3);
  const limit = {
    limit: 1000,
    windowSeconds: 3600,
    window: "rolling",
    manifestGetsPerPull: 1,
    countRejected: false,
  } as const;
  const readings: RemainingReading[] = [];
  let gets: CountedGets = [];
  for (let minute = 0; minute < 4 * 24 * 60; minute++) {
    const time = minute * 60_000;
    const perMinute = Math.floor(minute / 60) % 24 >= 12 ? 3 : 1;
    for (let pull = 0; pull < perMinute * 4; pull++) {
      if (random() < 0.25) gets = countManifestGet(gets, time, limit).gets;
    }
    if (minute % 30 === 0 && minute > 60) {
      readings.push({ time, remaining: remainingPulls(gets, time, limit), limit: 1000, windowSeconds: 3600 });
    }
  }
  const estimate = estimateOthers(readings, options);
  assert.ok(Math.abs((estimate?.perAddressPerHour ?? 0) - 120) < 6, `${estimate?.perAddressPerHour}`);
  assert.ok((estimate?.profile?.[18] ?? 0) > 1.3 && (estimate?.profile?.[6] ?? 9) < 0.7);
});

test("a day that was not seen whole has no profile", () => {
  assert.equal(estimateOthers([read(6, 40)], options)?.profile, undefined);
});
