import { forecastLoads, type PullForecast } from "../docker-hub/forecast/forecast-pulls.ts";
import { findDoubts } from "./forecast-report.ts";
import type { ForecastSettings } from "./forecast-settings.ts";

/** Where the others' load is not known there is no one chance, but one for each of several loads. */
export function describeForecastResult(settings: ForecastSettings, forecast: PullForecast) {
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
