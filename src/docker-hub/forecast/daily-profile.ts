import { UsageError } from "../../usage-error.ts";
import { forecastFailures } from "./forecast-failures.ts";
import type { PullSituation } from "./pull-situation.ts";

/** How busy others are in each hour of a day, UTC, as a share of their mean: 24 numbers with a mean of 1. */
export type DailyProfile = readonly number[];

const hours = 24;

/** Weights of any scale. Throws UsageError CHECK_FORECAST. */
export function parseDailyProfile(weights: readonly number[]): DailyProfile {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length !== hours || !weights.every((weight) => weight >= 0) || !(sum > 0 && sum < Number.MAX_VALUE)) {
    throw new UsageError(
      "CHECK_FORECAST",
      "the daily profile of a forecast takes 24 weights, none below 0, not all 0",
      {
        hint: "one weight for each hour of the day in UTC, separated by commas",
      },
    );
  }
  return weights.map((weight) => (weight * hours) / sum);
}

/**
 * The chance for a build in the middle of each hour. What counts then is what others pulled in the window before it, so the
 * profile is averaged over that; the formula treats this load as if it had always been so, which is exact only where refused
 * pulls count. One's own builds are spread over the day.
 */
export function forecastByHour(situation: PullSituation, profile: DailyProfile): number[] {
  return othersByHour(situation, profile).map((othersPerHour) => forecastFailures({ ...situation, othersPerHour }));
}

function othersByHour({ windowSeconds, othersPerHour }: PullSituation, profile: DailyProfile): number[] {
  const window = windowSeconds / 3600;
  return Array.from({ length: hours }, (_, hour) => {
    const end = hour + 0.5;
    return (othersPerHour * (passedUntil(profile, end) - passedUntil(profile, end - window))) / window;
  });
}

/** The chance for a build at any time of the day: all hours alike where there is no profile. */
export function forecastDay(situation: PullSituation, profile: DailyProfile | undefined): number {
  if (profile === undefined) return forecastFailures(situation);
  return forecastByHour(situation, profile).reduce((sum, chance) => sum + chance, 0) / hours;
}

/** Whether `forecastDay` is no more than `bound`. The busiest hours decide: in each hour after one, no more fail than in it. */
export function isDayWithin(situation: PullSituation, profile: DailyProfile | undefined, bound: number): boolean {
  if (profile === undefined) return forecastFailures(situation) <= bound;
  const falling = othersByHour(situation, profile).sort((one, other) => other - one);
  let [sum, left] = [0, hours];
  for (const othersPerHour of falling) {
    const chance = forecastFailures({ ...situation, othersPerHour });
    sum += chance;
    left--;
    if (sum > bound * hours) return false;
    if (sum + chance * left <= bound * hours) return true;
  }
  return true;
}

/** The profile's integral from midnight until `time` in hours, which may lie in another day. */
function passedUntil(profile: DailyProfile, time: number): number {
  const day = Math.floor(time / hours);
  const inDay = time - day * hours;
  const whole = Math.floor(inDay);
  const before = profile.slice(0, whole).reduce((total, weight) => total + weight, 0);
  return day * hours + before + (inDay - whole) * (profile[whole] ?? 0);
}
