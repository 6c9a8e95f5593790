// The formulas against the counter of the simulated Docker Hub. Seeds are fixed; a tolerance is four of the simulation's own
// standard errors, which a right formula passes for nearly any seed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { forecastFailures } from "./forecast-failures.ts";
import type { PullSituation } from "./pull-situation.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { type BuildConduct, simulatePulls } from "./simulate-pulls.ts";

type Row = [addresses: number, othersPerHour: number, buildsPerHour: number, countedPerBuild: number, hours: number];

/** docs/forecast.md shows these. */
const rows: Row[] = [
  [2, 20, 4, 2, 6],
  [2, 26, 4, 2, 6],
  [2, 50, 4, 2, 6],
  [8, 130, 4, 6, 6],
  [1, 0, 8, 2, 6],
  [1, 0, 8, 3, 6],
  [2, 200, 4, 2, 1],
];

const countings = [
  { window: "rolling", countRejected: false },
  { window: "rolling", countRejected: true },
  { window: "fixed", countRejected: false },
  { window: "fixed", countRejected: true },
] as const;

function situationOf([addresses, othersPerHour, buildsPerHour, countedPerBuild, hours]: Row): PullSituation {
  const numbers = { addresses, othersPerHour, buildsPerHour, countedPerBuild, windowSeconds: hours * 3600, limit: 100 };
  return { ...numbers, window: "rolling", countRejected: false };
}

/** About as many pulls for each row. */
function simulate(situation: PullSituation, conduct: BuildConduct, pulls = 30_000) {
  const { othersPerHour, buildsPerHour, countedPerBuild } = situation;
  const hours = pulls / (othersPerHour + buildsPerHour * countedPerBuild);
  return simulatePulls(situation, { hours, conduct, random: createSeededRandom(1) });
}

describe("formula and simulation agree within the sample's error", () => {
  for (const row of rows) {
    for (const counting of countings) {
      const conduct = counting.window === "fixed" ? "stops" : counting.countRejected ? "all" : "whole";
      test(`${row.join(" ")}: ${counting.window}, refused ${counting.countRejected ? "" : "not "}counted`, () => {
        const situation = { ...situationOf(row), ...counting };
        const { chance, standardError, builds } = simulate(situation, conduct);
        const formula = forecastFailures(situation);
        // Where all or nothing failed in the sample the error is that of a chance that shows less than once.
        const error = Math.max(standardError, 1 / builds);
        assert.ok(Math.abs(chance - formula) < 4 * error, `${formula} by formula, ${chance} ± ${error} simulated`);
      });
    }
  }
});

describe("builds that stop at their first refusal", () => {
  test("fail a little more often than the loss formula says, for what they have spent by then", () => {
    for (const row of rows) {
      const situation = situationOf(row);
      const { chance, standardError } = simulate(situation, "stops");
      const excess = chance - forecastFailures(situation);
      assert.ok(
        excess > -4 * standardError && excess < 0.03 + 4 * standardError,
        `${row}: ${excess} ± ${standardError}`,
      );
    }
  });

  test("fail no more often than the formula says where refused pulls count, since they send fewer", () => {
    for (const row of rows) {
      const situation = { ...situationOf(row), countRejected: true };
      const { chance, standardError, builds } = simulate(situation, "stops");
      assert.ok(
        chance <= forecastFailures(situation) + 4 * Math.max(standardError, 1 / builds),
        `${row}: ${chance} ± ${standardError}`,
      );
    }
  });
});

test("the same seed plays the same pulls, another one others", () => {
  const play = (seed: number) =>
    simulatePulls(situationOf([2, 26, 4, 2, 6]), { hours: 200, conduct: "stops", random: createSeededRandom(seed) });
  assert.deepEqual(play(7), play(7));
  assert.notDeepEqual(play(7), play(8));
});

test("where nobody pulls nothing is built and nothing fails", () => {
  const quiet = situationOf([2, 0, 0, 2, 6]);
  const random = createSeededRandom(1);
  assert.deepEqual(simulatePulls(quiet, { hours: 100, conduct: "stops", random }), {
    builds: 0,
    chance: 0,
    standardError: 0,
  });
});
