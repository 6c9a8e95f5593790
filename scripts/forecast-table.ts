// Prints the table of docs/forecast.md: the formulas beside simulations. node scripts/forecast-table.ts [PULLS]
import { forecastFailures } from "../src/docker-hub/forecast/forecast-failures.ts";
import type { PullSituation } from "../src/docker-hub/forecast/pull-situation.ts";
import { createSeededRandom } from "../src/docker-hub/forecast/seeded-random.ts";
import { type BuildConduct, simulatePulls } from "../src/docker-hub/forecast/simulate-pulls.ts";

const pulls = Number(process.argv[2] ?? 300_000);

/** Addresses, pulls of others an hour, builds an hour, counted pulls of a build, hours of a window. */
const rows = [
  [2, 20, 4, 2, 6],
  [2, 26, 4, 2, 6],
  [2, 33, 4, 2, 6],
  [2, 50, 4, 2, 6],
  [2, 100, 4, 2, 6],
  [8, 100, 4, 2, 6],
  [8, 130, 4, 6, 6],
  [1, 0, 4, 2, 6],
  [1, 0, 8, 2, 6],
  [1, 0, 8, 3, 6],
  [2, 100, 4, 2, 1],
  [2, 200, 4, 2, 1],
  [2, 300, 4, 2, 1],
] as const;

const percent = (value: number) => (100 * value).toFixed(1);

function describeCell(situation: PullSituation, conducts: readonly BuildConduct[]): string {
  const hours = pulls / (situation.othersPerHour + situation.buildsPerHour * situation.countedPerBuild);
  const simulated = conducts.map((conduct) => {
    const { chance, standardError } = simulatePulls(situation, { hours, conduct, random: createSeededRandom(1) });
    return `${percent(chance)} ± ${percent(standardError)}`;
  });
  return [percent(forecastFailures(situation)), ...simulated].join(" / ");
}

for (const [addresses, othersPerHour, buildsPerHour, countedPerBuild, hours] of rows) {
  const numbers = { addresses, othersPerHour, buildsPerHour, countedPerBuild, windowSeconds: hours * 3600, limit: 100 };
  const rolling: PullSituation = { ...numbers, window: "rolling", countRejected: false };
  const cells = [
    describeCell(rolling, ["whole", "stops"]),
    describeCell({ ...rolling, countRejected: true }, ["all", "stops"]),
    describeCell({ ...rolling, window: "fixed" }, ["stops"]),
  ];
  console.log(`| ${[addresses, othersPerHour, buildsPerHour, countedPerBuild, hours, ...cells].join(" | ")} |`);
}
