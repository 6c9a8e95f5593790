import { sumStates, timesWithin } from "./occupancy.ts";
import { checkSituation, loadsOf, type PullSituation } from "./pull-situation.ts";

/**
 * The chance, 0 to 1, that a build has a pull refused. docs/forecast.md gives the formulas, what they assume (arrivals at random
 * at a steady rate, an address drawn anew for each build, all of its pulls at once) and where they err. Throws CHECK_FORECAST.
 */
export function forecastFailures(situation: PullSituation): number {
  checkSituation(situation);
  const { limit, countedPerBuild, window, countRejected } = situation;
  if (countedPerBuild === 0) return 0;
  if (countedPerBuild > limit) return 1;
  if (window === "fixed") return failuresInFixedWindow(situation);
  return countRejected ? failuresWhereRefusalsCount(situation) : failuresOfLossSystem(situation);
}

/** Kaufman and Roberts: a pull holds one of `limit` places for a window; a build needs as many as it makes pulls. */
function failuresOfLossSystem(situation: PullSituation): number {
  const { limit, countedPerBuild } = situation;
  const { others, builds } = loadsOf(situation);
  const [fitting = 0, all = 0] = sumStates([others, builds], [limit - countedPerBuild, limit]);
  return asChance(-Math.expm1(fitting - all));
}

/** What is counted is what is sent: a compound Poisson sum. A build that stops at its first refusal sends less than this. */
function failuresWhereRefusalsCount(situation: PullSituation): number {
  const { limit, countedPerBuild } = situation;
  const { others, builds } = loadsOf(situation);
  const [fitting = 0] = sumStates([others, builds], [limit - countedPerBuild]);
  return asChance(-Math.expm1(fitting - others.load - builds.load));
}

/**
 * A window opens with the first arrival and ends one window later, then waits for the next. By renewal and reward: the share of a
 * window's time that finds no room, for either kind of opener, over the arrivals of a cycle, of which the opener never fails.
 * Refused pulls change nothing here, counted or not.
 */
function failuresInFixedWindow(situation: PullSituation): number {
  const { limit, countedPerBuild } = situation;
  const { others, builds } = loadsOf(situation);
  const arrivals = others.load + builds.load;
  if (arrivals === 0) return 0;
  const room = limit - countedPerBuild;
  const [afterOther = 0, afterBuild = 0] = timesWithin([others, builds], [room - 1, room - countedPerBuild]);
  const withRoom = (others.load * afterOther + builds.load * afterBuild) / arrivals;
  return asChance(((1 - withRoom) * arrivals) / (1 + arrivals));
}

function asChance(value: number): number {
  return Math.min(1, Math.max(0, value));
}
