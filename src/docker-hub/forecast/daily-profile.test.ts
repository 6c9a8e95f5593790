import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastByHour, forecastDay, parseDailyProfile } from "./daily-profile.ts";
import { forecastFailures } from "./forecast-failures.ts";
import type { PullSituation } from "./pull-situation.ts";

const situation: PullSituation = {
  addresses: 1,
  othersPerHour: 15,
  buildsPerHour: 1,
  countedPerBuild: 1,
  windowSeconds: 7200,
  limit: 30,
  window: "rolling",
  countRejected: false,
};

const even = new Array<number>(24).fill(3);

test("an even profile of any scale gives every hour the chance of the mean", () => {
  const profile = parseDailyProfile(even);
  assert.deepEqual(new Set(profile), new Set([1]));
  const expected = forecastFailures(situation);
  for (const chance of [...forecastByHour(situation, profile), forecastDay(situation, undefined)]) {
    assert.ok(Math.abs(chance - expected) < 1e-12);
  }
});

test("an hour's load is that of the window before it, across midnight", () => {
  const onlyAtTen = (hour: number) => parseDailyProfile(even.map((_, index) => (index === hour ? 1 : 0)));
  const at = (othersPerHour: number) => forecastFailures({ ...situation, othersPerHour });
  // All of a day's 360 pulls fall into one hour; the window of two hours before 10:30, 11:30, 12:30 holds ½, 1, ½ of it.
  const near = (one = 0, other = 0) => assert.ok(Math.abs(one - other) < 1e-12, `${one} ${other}`);
  const [before, first, second, third, after] = forecastByHour(situation, onlyAtTen(10)).slice(9, 14);
  near(before, at(0));
  near(first, at(90));
  near(second, at(180));
  near(third, at(90));
  near(after, at(0));
  const late = forecastByHour(situation, onlyAtTen(23));
  near(late[23], at(90));
  near(late[0], at(180));
  near(late[1], at(90));
});

test("a window of days sees no hour any more", () => {
  const profile = parseDailyProfile(even.map((_, hour) => hour));
  const long = { ...situation, windowSeconds: 2 * 86_400, limit: 720 };
  for (const chance of forecastByHour(long, profile)) assert.ok(Math.abs(chance - forecastFailures(long)) < 1e-9);
});

for (const [title, weights] of [
  ["23 weights", even.slice(1)],
  ["a weight below 0", [...even.slice(1), -1]],
  ["a weight that is no number", [...even.slice(1), Number.NaN]],
  ["an infinite weight", [...even.slice(1), Number.POSITIVE_INFINITY]],
  ["weights that are all 0", even.map(() => 0)],
] as const) {
  test(`${title} are refused`, () => assert.throws(() => parseDailyProfile(weights), { code: "CHECK_FORECAST" }));
}
