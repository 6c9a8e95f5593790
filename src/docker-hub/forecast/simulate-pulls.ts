import { type CountedGets, countManifestGet, type PullLimit, remainingPulls } from "../pull-limit.ts";
import { checkSituation, loadsOf, type PullSituation } from "./pull-situation.ts";

/**
 * What a build does at the limit. `stops`: it pulls one after the other and ends with the first refusal, as docker does. The formulas
 * assume one of the others. `whole`: it is refused before its first pull where not all have room. `all`: it goes on after a refusal.
 */
export type BuildConduct = "stops" | "whole" | "all";

export interface SimulatedFailures {
  builds: number;
  /** Share of the builds that had a pull refused. */
  chance: number;
  /** Of `chance`, from the scatter between parts of the run: neighbouring builds share their fate. */
  standardError: number;
}

export interface SimulationOptions {
  hours: number;
  conduct: BuildConduct;
  /** 0 to below 1. */
  random: () => number;
}

const parts = 40;
const warmUpWindows = 10;

/** Plays the situation pull by pull against the counter that the simulated Docker Hub has (`pull-limit.ts`). */
export function simulatePulls(
  situation: PullSituation,
  { hours, conduct, random }: SimulationOptions,
): SimulatedFailures {
  checkSituation(situation);
  const { othersPerHour, buildsPerHour, countedPerBuild } = situation;
  const limit: PullLimit = { ...situation, manifestGetsPerPull: 1 };
  const addresses = Array.from({ length: situation.addresses }, () => spreadHistory(situation, random));
  const [built, failed] = [new Float64Array(parts), new Float64Array(parts)];
  const start = warmUpWindows * situation.windowSeconds * 1000;
  const end = start + hours * 3_600_000;
  const perMillisecond = (othersPerHour + buildsPerHour) / 3_600_000;
  const pull = (address: number, time: number) => {
    const counted = countManifestGet(addresses[address] ?? [], time, limit);
    addresses[address] = counted.gets;
    return counted.allowed;
  };
  for (let time = next(0); time < end; time = next(time)) {
    const address = Math.floor(random() * addresses.length);
    if (random() * (othersPerHour + buildsPerHour) < othersPerHour) {
      pull(address, time);
      continue;
    }
    const succeeded = playBuild(address, time);
    // What the first windows hold is invented.
    if (time < start) continue;
    const part = Math.floor(((time - start) / (end - start)) * parts);
    built[part] = (built[part] ?? 0) + 1;
    if (!succeeded) failed[part] = (failed[part] ?? 0) + 1;
  }
  return summarise(built, failed);

  function next(time: number): number {
    return time - Math.log(1 - random()) / perMillisecond;
  }

  function playBuild(address: number, time: number): boolean {
    const room = remainingPulls(addresses[address] ?? [], time, limit);
    if (conduct === "whole" && room < countedPerBuild) return false;
    let succeeded = true;
    for (let made = 0; made < countedPerBuild && (succeeded || conduct === "all"); made++) {
      succeeded = pull(address, time) && succeeded;
    }
    return succeeded;
  }
}

/**
 * What a rolling window remembers at the start. From an empty one all places are taken at once, given back at once a window later,
 * and so on for hundreds of windows: an overload would be measured in bursts.
 */
function spreadHistory(situation: PullSituation, random: () => number): CountedGets {
  if (situation.window === "fixed") return [];
  const { others, builds } = loadsOf(situation);
  const length = Math.min(situation.limit, Math.round(others.load + builds.load * builds.size));
  return Array.from({ length }, () => -random() * situation.windowSeconds * 1000).sort((one, other) => one - other);
}

/** The ratio's error by batch means: each part's failures less what its builds would have had at the mean chance. */
function summarise(built: Float64Array, failed: Float64Array): SimulatedFailures {
  const builds = built.reduce((sum, count) => sum + count, 0);
  if (builds === 0) return { builds, chance: 0, standardError: 0 };
  const chance = failed.reduce((sum, count) => sum + count, 0) / builds;
  const squares = built.reduce((sum, count, part) => sum + ((failed[part] ?? 0) - chance * count) ** 2, 0);
  return { builds, chance, standardError: Math.sqrt((squares * parts) / (parts - 1)) / builds };
}
