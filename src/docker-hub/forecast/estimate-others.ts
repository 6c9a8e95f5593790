import { type DailyProfile, parseDailyProfile } from "./daily-profile.ts";

/** What was left at a time; the readings that `chubo limit` keeps have this form. */
export interface RemainingReading {
  /** Milliseconds since 1970. */
  time: number;
  remaining: number;
  limit: number;
  windowSeconds?: number;
  /** The address that is charged. */
  source?: string;
}

export interface EstimateOptions {
  window: "rolling" | "fixed";
  /** For readings that do not tell it. */
  windowSeconds: number;
  /** One's own counted pulls in an hour at one address, which are among what was counted. */
  ownPerHour: number;
}

export interface OthersEstimate {
  /** Counted pulls of others in an hour at one address, the mean over the time that the readings tell of. */
  perAddressPerHour: number;
  /** Nothing was left at some time: what came then was refused and left no trace, so that others pull more than this. */
  isLowerBound: boolean;
  /** Addresses that were read. */
  sources: number;
  /** Hours that the readings tell of, those of several addresses added up. */
  hours: number;
  /** Undefined where an hour of the day (UTC) was never seen, or nobody pulled. */
  profile: DailyProfile | undefined;
}

/** Pulls counted from `from` to `to`, milliseconds since 1970; `fresh` of them had not been told of before. */
interface Sample {
  from: number;
  to: number;
  pulls: number;
  fresh: number;
  isLowerBound: boolean;
}

const hour = 3_600_000;

/** What a Date can hold. */
const latestTime = 8.64e15;

/**
 * How much others pull by the same addresses, from readings kept over time; undefined where they tell nothing.
 *
 * In a fixed window a fall of `remaining` from one reading to the next is what was pulled meanwhile; after a rise a new window has
 * opened, and that pair tells nothing. In a rolling window the fall is what was pulled less what was given back, nought on the
 * average; there `limit − remaining` itself is what was pulled in the window before the reading.
 */
export function estimateOthers(
  readings: readonly RemainingReading[],
  options: EstimateOptions,
): OthersEstimate | undefined {
  const bySource = Map.groupBy(readings.filter(isUsable), ({ source }) => source ?? "");
  const samples = [...bySource.values()].flatMap((own) => {
    const ordered = own.toSorted((one, other) => one.time - other.time);
    return options.window === "rolling"
      ? levelsOf(ordered, options.windowSeconds)
      : fallsOf(ordered, options.windowSeconds);
  });
  const fresh = samples.reduce((sum, sample) => sum + sample.fresh, 0);
  if (fresh === 0) return undefined;
  // Readings close together tell of the same pulls: each counts by the time that it adds.
  const perHour = samples.reduce((sum, sample) => sum + rateOf(sample) * (sample.fresh / fresh), 0);
  return {
    perAddressPerHour: Math.max(0, perHour - options.ownPerHour),
    isLowerBound: samples.some(({ isLowerBound }) => isLowerBound),
    sources: bySource.size,
    hours: fresh / hour,
    profile: findProfile(samples, options.ownPerHour),
  };
}

/** The file may hold lines of another program, or another day's format. */
function isUsable(reading: RemainingReading): boolean {
  if (typeof reading !== "object" || reading === null) return false;
  const { time, remaining, limit, windowSeconds } = reading;
  const isWindow = windowSeconds === undefined || (Number.isFinite(windowSeconds) && windowSeconds > 0);
  return Math.abs(time) <= latestTime && remaining >= 0 && limit > 0 && limit < 1e9 && remaining <= limit && isWindow;
}

function levelsOf(readings: readonly RemainingReading[], usualWindow: number): Sample[] {
  return readings.map(({ time, remaining, limit, windowSeconds }, index) => {
    const length = (windowSeconds ?? usualWindow) * 1000;
    const sincePrevious = time - (readings[index - 1]?.time ?? Number.NEGATIVE_INFINITY);
    const pulls = limit - remaining;
    return {
      from: time - length,
      to: time,
      pulls,
      fresh: Math.min(length, sincePrevious),
      isLowerBound: remaining === 0,
    };
  });
}

function fallsOf(readings: readonly RemainingReading[], usualWindow: number): Sample[] {
  return readings.slice(1).flatMap((reading, index) => {
    const before = readings[index] ?? reading;
    const pulls = before.remaining - reading.remaining;
    const passed = reading.time - before.time;
    // Over more than a window a fall can hide any number of windows.
    if (pulls < 0 || passed <= 0 || passed > (reading.windowSeconds ?? usualWindow) * 1000) return [];
    return [{ from: before.time, to: reading.time, pulls, fresh: passed, isLowerBound: reading.remaining === 0 }];
  });
}

function rateOf({ from, to, pulls }: Sample): number {
  return (pulls * hour) / (to - from);
}

/** A sample of several hours speaks for each of them alike, which flattens the day; more often cannot be told from it. */
function findProfile(samples: readonly Sample[], ownPerHour: number): DailyProfile | undefined {
  const [seen, pulled] = [new Float64Array(24), new Float64Array(24)];
  for (const sample of samples) {
    for (let from = Math.max(sample.from, sample.to - 24 * hour); from < sample.to; ) {
      const next = Math.min(sample.to, (Math.floor(from / hour) + 1) * hour);
      const index = new Date(from).getUTCHours();
      const passed = (next - from) / hour;
      seen[index] = (seen[index] ?? 0) + passed;
      pulled[index] = (pulled[index] ?? 0) + passed * rateOf(sample);
      from = next;
    }
  }
  if (seen.some((hours) => hours === 0)) return undefined;
  const weights = [...seen].map((hours, index) => Math.max(0, (pulled[index] ?? 0) / hours - ownPerHour));
  return weights.some((weight) => weight > 0) ? parseDailyProfile(weights) : undefined;
}
