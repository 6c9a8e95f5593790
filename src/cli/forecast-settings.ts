import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type DailyProfile, parseDailyProfile } from "../docker-hub/forecast/daily-profile.ts";
import { estimateOthers, type OthersEstimate } from "../docker-hub/forecast/estimate-others.ts";
import { type PullSituation, situationRanges } from "../docker-hub/forecast/pull-situation.ts";
import { countCodeBuildAddresses, findBuiltInAddresses, ipRangesUrl } from "../docker-hub/ip-ranges.ts";
import { type LimitReading, listLimitReadings } from "../server/limit-readings.ts";
import { UsageError } from "../usage-error.ts";
import type { ForecastFlags } from "./describe-forecast.ts";
import { parseDecimal, parseRegion, parseWholeNumber } from "./options.ts";
import type { ProcessView } from "./terminal.ts";

/** Where a number of the forecast is from. */
export type Origin = "given" | "assumed" | "readings" | "ip-ranges" | "files";

export interface ForecastSettings {
  /** `othersPerHour` is 0 where it is not known. */
  situation: PullSituation;
  origins: Record<keyof PullSituation, Origin>;
  isOthersKnown: boolean;
  /** Whose addresses they are, in words. */
  addressesFrom: string;
  estimate: OthersEstimate | undefined;
  profile: DailyProfile | undefined;
  /** Of which build the counted pulls are, where they are from files. */
  build: string | undefined;
}

/** AWS's file has about 2 MB. */
const maximumFileSize = 64 * 1024 * 1024;

const assumed = { buildsPerHour: 4, countedPerBuild: 2, windowSeconds: 21_600, limit: 100 };

/** Counted pulls of a build, where a caller has found them in its files: `--pulls-per-build` goes before them. */
export interface FoundInFiles {
  countedPerBuild?: number;
  /** Of which build these are. */
  build?: string;
}

/** Reads what the options name. Throws UsageError. */
export function readForecastSettings(
  flags: ForecastFlags,
  process: ProcessView,
  found: FoundInFiles = {},
): ForecastSettings {
  const addresses = findAddresses(flags, process);
  const readings = flags.readings === undefined ? [] : readReadings(resolve(process.currentDirectory, flags.readings));
  const last = readings.at(-1);
  const builds = choose(flags.buildsPerHour, "--builds-per-hour", "buildsPerHour");
  const counted = choose(flags.pullsPerBuild, "--pulls-per-build", "countedPerBuild", found.countedPerBuild, "files");
  const window = choose(flags.window, "--window", "windowSeconds", last?.windowSeconds, "readings");
  const limit = choose(flags.limit, "--limit", "limit", last?.limit, "readings");
  const kind = flags.windowKind ?? "rolling";
  const ownPerHour = (builds.value * counted.value) / addresses.count;
  const options = { window: kind, windowSeconds: window.value, ownPerHour };
  const told = flags.window === undefined ? readings : readings.map(({ windowSeconds: _, ...reading }) => reading);
  const isEstimated = flags.readings !== undefined && flags.others === undefined;
  const estimate = isEstimated ? getEstimate(told, options, flags.readings ?? "") : undefined;
  const others = flags.others === undefined ? undefined : parseNumber("--others", flags.others, "othersPerHour");
  const known = others ?? (estimate && estimate.perAddressPerHour * addresses.count);
  return {
    situation: {
      addresses: addresses.count,
      othersPerHour: known ?? 0,
      buildsPerHour: builds.value,
      countedPerBuild: counted.value,
      windowSeconds: window.value,
      limit: limit.value,
      window: kind,
      countRejected: flags.countRejected === true,
    },
    origins: {
      addresses: addresses.origin,
      othersPerHour: others === undefined ? (estimate === undefined ? "assumed" : "readings") : "given",
      buildsPerHour: builds.origin,
      countedPerBuild: counted.origin,
      windowSeconds: window.origin,
      limit: limit.origin,
      window: flags.windowKind === undefined ? "assumed" : "given",
      countRejected: flags.countRejected === true ? "given" : "assumed",
    },
    isOthersKnown: known !== undefined,
    addressesFrom: addresses.from,
    estimate,
    build: counted.origin === "files" ? found.build : undefined,
    profile:
      flags.profile === undefined ? estimate?.profile : parseDailyProfile(flags.profile.split(",").map(parseWeight)),
  };
}

type AssumedName = keyof typeof assumed;

/** The option, else what was found, else what is usual. */
function choose(
  text: string | undefined,
  option: string,
  name: AssumedName,
  found?: number,
  origin: Origin = "given",
): { value: number; origin: Origin } {
  if (text !== undefined) return { value: parseNumber(option, text, name), origin: "given" };
  return found === undefined ? { value: assumed[name], origin: "assumed" } : { value: found, origin };
}

function parseNumber(option: string, text: string, name: keyof typeof situationRanges): number {
  const range = situationRanges[name];
  return range.whole ? parseWholeNumber(option, text, range) : parseDecimal(option, text, range);
}

/** NaN is refused with the list that it stands in. */
function parseWeight(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

function findAddresses(flags: ForecastFlags, process: ProcessView): { count: number; origin: Origin; from: string } {
  if (flags.addresses !== undefined && flags.ipRanges !== undefined) {
    throw new UsageError("CHECK_ADDRESSES", "--addresses and --ip-ranges both say how many addresses there are", {
      hint: "give one of them",
    });
  }
  if (flags.addresses !== undefined) {
    return { count: parseNumber("--addresses", flags.addresses, "addresses"), origin: "given", from: "given" };
  }
  const { AWS_REGION: variable } = process.variables;
  const region =
    flags.region === undefined ? variable && parseRegion(variable, "AWS_REGION") : parseRegion(flags.region);
  const hint = `give --addresses N, or --region and --ip-ranges with the file of ${ipRangesUrl}`;
  if (!region) throw new UsageError("CHECK_ADDRESSES", "by how many addresses do the builds leave?", { hint });
  const counted =
    flags.ipRanges === undefined
      ? findBuiltInAddresses(region)
      : countCodeBuildAddresses(
          readIpRanges(resolve(process.currentDirectory, flags.ipRanges)),
          region,
          flags.ipRanges,
        );
  if (counted !== undefined) {
    return { count: counted.addresses, origin: "ip-ranges", from: `CodeBuild's in ${region}, by ${counted.source}` };
  }
  throw new UsageError("CHECK_ADDRESSES", `how many addresses CodeBuild has in ${region} is not known here`, { hint });
}

function readIpRanges(file: string): string {
  try {
    if (statSync(file).size > maximumFileSize) throw new Error(`larger than ${maximumFileSize} bytes`);
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError("CHECK_IP_RANGES", `--ip-ranges cannot be read: ${(error as Error).message}`, {
      file,
      cause: error,
    });
  }
}

/** Those of an address: an account's limit is its own. */
function readReadings(directory: string): LimitReading[] {
  try {
    const all = listLimitReadings(directory);
    return all.filter((reading) => reading?.upstream === "docker.io" && reading.identity === "anonymous");
  } catch (error) {
    throw new UsageError("CHECK_READINGS", `--readings cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function getEstimate(
  readings: readonly LimitReading[],
  options: Parameters<typeof estimateOthers>[1],
  directory: string,
): OthersEstimate {
  const estimate = estimateOthers(readings, options);
  if (estimate !== undefined) return estimate;
  const few = readings.length === 0 ? "no readings of an address" : "too few readings of an address";
  throw new UsageError("CHECK_READINGS", `${directory} has ${few} at docker.io`, {
    hint: `run chubo limit --account anonymous --state ${directory} from time to time, where the builds run`,
  });
}
