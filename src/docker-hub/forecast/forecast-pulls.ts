import { type DailyProfile, forecastByHour, forecastDay } from "./daily-profile.ts";
import { capacityPerHour, type PullSituation, situationRanges } from "./pull-situation.ts";
import { safeBuildsPerDay } from "./safe-builds.ts";

/** The chance to fail where the swept number has `value`. */
export interface ChancePoint {
  value: number;
  chance: number;
}

export interface PullForecast {
  situation: PullSituation;
  /** For a build at any time of the day. */
  chance: number;
  /** Undefined: any number. */
  safeBuildsPerDay: number | undefined;
  /** 24 chances, for each hour of the day in UTC. */
  byHour: number[] | undefined;
}

export function forecastPulls(situation: PullSituation, profile?: DailyProfile): PullForecast {
  return {
    situation,
    chance: forecastDay(situation, profile),
    safeBuildsPerDay: safeBuildsPerDay(situation, { profile }),
    byHour: profile === undefined ? undefined : forecastByHour(situation, profile),
  };
}

/** Loads from none to twice of what all addresses can have answered, for somebody who does not know the others'. */
export function forecastLoads(situation: PullSituation, profile?: DailyProfile): PullForecast[] {
  const capacity = capacityPerHour(situation);
  const loads = [0, 0.25, 0.5, 0.75, 0.9, 1, 1.25, 1.5, 2].map((share) => Number((share * capacity).toPrecision(3)));
  const possible = loads.filter((load) => load <= situationRanges.othersPerHour.to);
  return possible.map((othersPerHour) => forecastPulls({ ...situation, othersPerHour }, profile));
}

export function sweep(
  situation: PullSituation,
  member: "othersPerHour" | "buildsPerHour",
  values: readonly number[],
  profile?: DailyProfile,
): ChancePoint[] {
  return values.map((value) => ({ value, chance: forecastDay({ ...situation, [member]: value }, profile) }));
}

/** As far as a chart goes: past what the others leave, and past one's own rate. */
export function highestBuildsPerHour(situation: PullSituation): number {
  const { othersPerHour, buildsPerHour, countedPerBuild } = situation;
  const left = (capacityPerHour(situation) - othersPerHour) / Math.max(1, countedPerBuild);
  return Math.min(situationRanges.buildsPerHour.to, Math.max(2 * buildsPerHour, 1.5 * left, 1));
}
