import { type DailyProfile, isDayWithin } from "./daily-profile.ts";
import { capacityPerHour, checkSituation, type PullSituation } from "./pull-situation.ts";

/** Builds in a day, spread over it, of which no larger a share than this is to fail. */
export const usualBound = 0.01;

/**
 * The largest whole number of builds in a day at which the chance to fail stays at or below `bound`; 0 where already one fails
 * more often, whatever its own share. Undefined where no number is too large, since a build's pulls do not count.
 */
export function safeBuildsPerDay(
  situation: PullSituation,
  { bound = usualBound, profile }: { bound?: number; profile?: DailyProfile | undefined } = {},
): number | undefined {
  checkSituation(situation);
  if (situation.countedPerBuild === 0) return undefined;
  const isSafe = (perDay: number) => isDayWithin({ ...situation, buildsPerHour: perDay / 24 }, profile, bound);
  if (!isSafe(1)) return 0;
  let [safe, unsafe] = [1, Math.ceil((24 * capacityPerHour(situation)) / situation.countedPerBuild) + 1];
  // At the full capacity a few per cent fail; only a generous bound looks further.
  while (isSafe(unsafe)) {
    if (unsafe > 1e9) return unsafe;
    [safe, unsafe] = [unsafe, unsafe * 2];
  }
  while (unsafe - safe > 1) {
    const middle = Math.floor((safe + unsafe) / 2);
    if (isSafe(middle)) safe = middle;
    else unsafe = middle;
  }
  return safe;
}
