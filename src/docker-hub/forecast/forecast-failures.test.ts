import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { forecastDay, parseDailyProfile } from "./daily-profile.ts";
import { forecastFailures } from "./forecast-failures.ts";
import { sumStates, timesWithin } from "./occupancy.ts";
import type { PullSituation } from "./pull-situation.ts";
import { safeBuildsPerDay } from "./safe-builds.ts";

const base: PullSituation = {
  addresses: 1,
  othersPerHour: 0,
  buildsPerHour: 0,
  countedPerBuild: 1,
  windowSeconds: 3600,
  limit: 10,
  window: "rolling",
  countRejected: false,
};

/** Below 1e-14 a chance is what a double leaves of the difference to 1. */
function isNear(actual: number, expected: number, relative = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-14, `${actual} is not ${expected}`);
}

describe("the chance that a build fails", () => {
  test("is Erlang's B where each build is one pull", () => {
    // B(0) = 1, B(n) = A·B(n−1) / (n + A·B(n−1)): another way to the same number.
    for (const load of [0.5, 8, 10, 40]) {
      let blocked = 1;
      for (let places = 1; places <= 10; places++) blocked = (load * blocked) / (places + load * blocked);
      isNear(forecastFailures({ ...base, othersPerHour: load / 2, buildsPerHour: load / 2 }), blocked);
    }
  });

  test("is the occupancy of a small loss system that can be written down", () => {
    // Two places, others of one and builds of two: states weigh 1, a, a²/2 + b; a build needs the empty one.
    const [a, b] = [0.7, 0.4];
    const weights = [1, a, (a * a) / 2 + b];
    const expected = 1 - 1 / weights.reduce((sum, weight) => sum + weight);
    const situation = { ...base, limit: 2, countedPerBuild: 2, othersPerHour: a, buildsPerHour: b };
    isNear(forecastFailures(situation), expected);
  });

  test("is a Poisson tail where refused pulls count and each build is one pull", () => {
    let [term, within] = [Math.exp(-6), 0];
    for (let count = 0; count < 10; count++) {
      within += term;
      term *= 6 / (count + 1);
    }
    isNear(forecastFailures({ ...base, othersPerHour: 5, buildsPerHour: 1, countRejected: true }), 1 - within);
  });

  test("in a fixed window is what exceeds the limit, over all arrivals of a cycle", () => {
    // One pull each: the opener and a Poisson number; E[(1 + N − 10)⁺] / (1 + A), summed term by term.
    const load = 12;
    let [term, refused] = [Math.exp(-load), 0];
    for (let count = 0; count < 200; count++) {
      refused += term * Math.max(0, count + 1 - 10);
      term *= load / (count + 1);
    }
    const chance = forecastFailures({ ...base, othersPerHour: 7, buildsPerHour: 5, window: "fixed" });
    isNear(chance, refused / (1 + load));
  });

  test("comes near to what does not fit where the load is large, in each kind of window", () => {
    const flood = { ...base, limit: 100, othersPerHour: 1_000_000, buildsPerHour: 10 };
    for (const window of ["rolling", "fixed"] as const) {
      isNear(1 - forecastFailures({ ...flood, window }), 100 / 1_000_010, 0.02);
    }
    assert.equal(forecastFailures({ ...flood, countRejected: true }), 1);
    assert.equal(forecastFailures({ ...flood, othersPerHour: 1e9, windowSeconds: 31 * 86_400 }) <= 1, true);
  });

  test("stays a number just at a limit of thousands", () => {
    // Erlang B at A = C is near √(2 / πC) for a large C.
    const chance = forecastFailures({ ...base, limit: 10_000, othersPerHour: 9999, buildsPerHour: 1 });
    isNear(chance, Math.sqrt(2 / (Math.PI * 10_000)), 0.01);
  });

  test("is 0 for a build without counted pulls and 1 for one that exceeds the limit by itself", () => {
    assert.equal(forecastFailures({ ...base, othersPerHour: 1e6, countedPerBuild: 0 }), 0);
    assert.equal(forecastFailures({ ...base, countedPerBuild: 11 }), 1);
    assert.equal(forecastFailures({ ...base, countedPerBuild: 10 }), 0);
  });

  test("never falls where others pull more, builds are more or the limit is smaller", () => {
    for (const window of ["rolling", "fixed"] as const) {
      for (const countRejected of [false, true]) {
        const at = (change: Partial<PullSituation>) =>
          forecastFailures({ ...base, othersPerHour: 6, buildsPerHour: 2, window, countRejected, ...change });
        assert.ok(at({}) < at({ othersPerHour: 7 }));
        assert.ok(at({}) < at({ buildsPerHour: 3 }));
        assert.ok(at({}) < at({ limit: 9 }));
        assert.ok(at({}) < at({ countedPerBuild: 2 }));
        assert.ok(at({}) > at({ addresses: 2 }));
      }
    }
  });

  for (const change of [
    { othersPerHour: -1 },
    { othersPerHour: Number.NaN },
    { buildsPerHour: Number.POSITIVE_INFINITY },
    { addresses: 0 },
    { addresses: 1.5 },
    { limit: 1e9 },
    { countedPerBuild: 2.5 },
    { windowSeconds: 0 },
  ] satisfies Partial<PullSituation>[]) {
    test(`is refused for ${JSON.stringify(change)}, naming the number`, () => {
      const [name = ""] = Object.keys(change);
      assert.throws(() => forecastFailures({ ...base, ...change }), {
        code: "CHECK_FORECAST",
        message: new RegExp(`^${name} `),
      });
    });
  }
});

describe("the recursion", () => {
  test("sums to the whole of a compound Poisson distribution", () => {
    const [sum = 0] = sumStates(
      [
        { load: 300, size: 1 },
        { load: 40, size: 7 },
      ],
      [3000],
    );
    isNear(sum, 340, 1e-12);
  });

  test("gives the time of a window with room as the integral of what fits", () => {
    const classes = [
      { load: 300, size: 1 },
      { load: 40, size: 7 },
    ];
    const [steps, top] = [2000, 400];
    let integral = 0;
    for (let step = 0; step <= steps; step++) {
      const part = classes.map(({ load, size }) => ({ load: (load * step) / steps, size }));
      const [sum = 0] = sumStates(part, [top]);
      const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
      integral += (weight * Math.exp(sum - (340 * step) / steps)) / steps / 3;
    }
    const [time = 0, none] = timesWithin(classes, [top, -1]);
    isNear(time, integral, 1e-7);
    assert.equal(none, 0);
  });

  test("gives the time to fill at any load: what fits over the rate where all is filled, the whole window where it is not", () => {
    for (const load of [1e5, 1e9]) isNear(timesWithin([{ load, size: 1 }], [9999])[0] ?? 0, 10_000 / load);
    isNear(timesWithin([{ load: 2, size: 3 }], [9999])[0] ?? 0, 1, 1e-12);
    assert.deepEqual(timesWithin([{ load: 0, size: 1 }], [-1, 5]), [0, 1]);
  });

  test("has nothing below state 0", () => {
    assert.deepEqual(sumStates([{ load: 1, size: 1 }], [-1, 0]), [Number.NEGATIVE_INFINITY, 0]);
  });
});

describe("the safe number of builds", () => {
  const busy = { ...base, addresses: 2, othersPerHour: 20, countedPerBuild: 2, windowSeconds: 21_600, limit: 100 };

  test("is the last one below the bound", () => {
    for (const window of ["rolling", "fixed"] as const) {
      const safe = safeBuildsPerDay({ ...busy, window }) ?? 0;
      const at = (perDay: number) => forecastFailures({ ...busy, window, buildsPerHour: perDay / 24 });
      assert.ok(safe > 1 && at(safe) <= 0.01 && at(safe + 1) > 0.01, `${safe}`);
    }
  });

  test("is 0 where others leave no room, and without bound where no pull counts", () => {
    assert.equal(safeBuildsPerDay({ ...busy, othersPerHour: 100 }), 0);
    assert.equal(safeBuildsPerDay({ ...busy, countedPerBuild: 101 }), 0);
    assert.equal(safeBuildsPerDay({ ...busy, countedPerBuild: 0 }), undefined);
  });

  test("is the last one below the bound over a day of many loads too", () => {
    const profile = parseDailyProfile(Array.from({ length: 24 }, (_, hour) => 1 + (hour % 7)));
    for (const window of ["rolling", "fixed"] as const) {
      const safe = safeBuildsPerDay({ ...busy, window }, { profile }) ?? 0;
      const at = (perDay: number) => forecastDay({ ...busy, window, buildsPerHour: perDay / 24 }, profile);
      assert.ok(safe > 1 && at(safe) <= 0.01 && at(safe + 1) > 0.01, `${safe}`);
    }
  });

  test("is less where others pull at some hours only", () => {
    const profile = Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 2 : 0));
    assert.ok((safeBuildsPerDay(busy, { profile }) ?? 0) < (safeBuildsPerDay(busy) ?? 0));
  });
});
