import { UsageError } from "../../usage-error.ts";

/** Who pulls anonymously from where, and how it is counted. All pulls are in the limit's own unit. */
export interface PullSituation {
  /** Public addresses that builds leave by; each build gets one of them, all equally likely. 1 for an account. */
  addresses: number;
  /** Counted pulls of everybody else in an hour, over all addresses. */
  othersPerHour: number;
  buildsPerHour: number;
  /** Counted pulls that each build makes. */
  countedPerBuild: number;
  windowSeconds: number;
  /** Counted pulls of an address in a window. */
  limit: number;
  window: "rolling" | "fixed";
  /** Whether a refused pull counts too. */
  countRejected: boolean;
}

/** What a number may be. The work grows with the limit; Docker Hub's own have been 100 to 5000. */
export const situationRanges = {
  addresses: { from: 1, to: 1_000_000_000, whole: true },
  othersPerHour: { from: 0, to: 1_000_000_000, whole: false },
  buildsPerHour: { from: 0, to: 1_000_000_000, whole: false },
  countedPerBuild: { from: 0, to: 10_000, whole: true },
  windowSeconds: { from: 1, to: 31 * 86_400, whole: false },
  limit: { from: 1, to: 10_000, whole: true },
} as const;

/** Throws UsageError CHECK_FORECAST: a wrong number must not become a chance that looks right. */
export function checkSituation(situation: PullSituation): void {
  for (const [name, { from, to, whole }] of Object.entries(situationRanges)) {
    const value = situation[name as keyof typeof situationRanges];
    if (value >= from && value <= to && (!whole || Number.isInteger(value))) continue;
    throw new UsageError("CHECK_FORECAST", `${name} of a forecast cannot be ${value}`, {
      hint: `a ${whole ? "whole " : ""}number from ${from} to ${to}`,
    });
  }
}

/** Pulls of others and builds that one address meets in a window, and how many pulls each of them is. */
export function loadsOf({ addresses, othersPerHour, buildsPerHour, countedPerBuild, windowSeconds }: PullSituation) {
  const windows = windowSeconds / 3600 / addresses;
  return {
    others: { load: othersPerHour * windows, size: 1 },
    builds: { load: buildsPerHour * windows, size: countedPerBuild },
  };
}

/** Counted pulls in an hour that all addresses together can have answered. */
export function capacityPerHour({ addresses, limit, windowSeconds }: PullSituation): number {
  return (addresses * limit * 3600) / windowSeconds;
}
