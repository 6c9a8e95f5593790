import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { forecastLoads, forecastPulls, type PullForecast } from "../docker-hub/forecast/forecast-pulls.ts";
import { UsageError } from "../usage-error.ts";
import type { ForecastFlags } from "./describe-forecast.ts";
import { isUnicodeTerminal } from "./forecast-chart.ts";
import { chartOf, findDoubts, printForecast } from "./forecast-report.ts";
import { type ForecastSettings, type FoundInFiles, readForecastSettings } from "./forecast-settings.ts";
import { drawForecastSvg } from "./forecast-svg.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo forecast`: how often builds will fail at the pull limit. `found` is what a caller has counted in files. */
export function forecastCommand(flags: ForecastFlags, process: ProcessView, found: FoundInFiles = {}): number {
  const settings = readForecastSettings(flags, process, found);
  const forecast = forecastPulls(settings.situation, settings.profile);
  if (flags.svg !== undefined) writeSvg(resolve(process.currentDirectory, flags.svg), settings, forecast);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(describeResult(settings, forecast))}\n`);
  } else {
    const terminal = openTerminal(process, process.stdout);
    printForecast(terminal, settings, forecast, isUnicodeTerminal(process.variables));
  }
  return exitStatus.succeeded;
}

/** Where the others' load is not known there is no one chance, but one for each of several loads. */
function describeResult(settings: ForecastSettings, forecast: PullForecast) {
  const { situation, origins, addressesFrom, estimate, isOthersKnown, profile } = settings;
  const { othersPerHour, ...rest } = situation;
  const known = { situation: isOthersKnown ? situation : rest, origins, addressesFrom, estimate: estimate ?? null };
  if (isOthersKnown) {
    const { chance, safeBuildsPerDay, byHour } = forecast;
    const result = { chance, safeBuildsPerDay: safeBuildsPerDay ?? null, byHour: byHour ?? null };
    return { ...known, ...result, doubts: findDoubts(settings) };
  }
  const loads = forecastLoads(situation, profile).map(({ situation, chance, safeBuildsPerDay }) => ({
    othersPerHour: situation.othersPerHour,
    chance,
    safeBuildsPerDay: safeBuildsPerDay ?? null,
  }));
  return { ...known, loads };
}

function writeSvg(file: string, settings: ForecastSettings, forecast: PullForecast): void {
  try {
    writeFileSync(file, drawForecastSvg(chartOf(settings, forecast)));
  } catch (error) {
    throw new UsageError("CHECK_SVG", `--svg cannot be written: ${(error as Error).message}`, { file, cause: error });
  }
}
