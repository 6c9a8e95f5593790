import { forecastDay } from "../docker-hub/forecast/daily-profile.ts";
import {
  forecastLoads,
  highestBuildsPerHour,
  type PullForecast,
  sweep,
} from "../docker-hub/forecast/forecast-pulls.ts";
import { capacityPerHour, type PullSituation } from "../docker-hub/forecast/pull-situation.ts";
import { type ChartRow, formatChance, printForecastChart } from "./forecast-chart.ts";
import type { ForecastSettings, Origin } from "./forecast-settings.ts";
import { findStep, type SvgChart } from "./forecast-svg.ts";
import type { Terminal } from "./terminal.ts";

/** What is assumed and could be otherwise, with the chance if it is. */
export interface Doubt {
  assumption: string;
  chance: number;
}

/** The forecast for people. */
export function printForecast(
  terminal: Terminal,
  settings: ForecastSettings,
  forecast: PullForecast,
  unicode: boolean,
): void {
  printSituation(terminal, settings);
  terminal.line();
  if (!settings.isOthersKnown) {
    printLoads(terminal, settings, unicode);
    return;
  }
  const { chance, byHour } = forecast;
  const atLeast = settings.estimate?.isLowerBound === true ? "at least " : "";
  terminal.line(terminal.style("bold", `${atLeast}${formatChance(chance)} of the builds fail.`));
  terminal.line(describeSafe(forecast));
  const doubts = findDoubts(settings);
  if (doubts.length > 0)
    terminal.line(terminal.style("dim", "What is not known of Docker Hub, and the chance if it is so:"));
  for (const doubt of doubts) terminal.line(`  ${formatChance(doubt.chance).padStart(7)}  ${doubt.assumption}`);
  terminal.line();
  printForecastChart(terminal, "builds an hour, and the chance that one fails", rowsByBuilds(settings), unicode);
  if (byHour === undefined) return;
  const worst = byHour.indexOf(Math.max(...byHour));
  const rows = byHour.map((chance, hour) => ({ label: String(hour), chance, marked: hour === worst }));
  terminal.line();
  printForecastChart(terminal, "hour of the day, UTC", rows, unicode);
}

/** The chance under what the sources leave open; docs/forecast.md. */
export function findDoubts({ situation, origins, isOthersKnown, profile }: ForecastSettings): Doubt[] {
  if (!isOthersKnown) return [];
  const halfCounted = Math.ceil(situation.countedPerBuild / 2);
  const alternatives: [Origin, string, Partial<PullSituation>][] = [
    [origins.windowSeconds, "the window is 1 h, as answers have said in 2026", { windowSeconds: 3600 }],
    [origins.window, "the window does not roll: it begins anew after its end", { window: "fixed" }],
    [origins.countRejected, "refused pulls count too", { countRejected: true }],
    [origins.countedPerBuild, "two requests for a manifest are one pull", { countedPerBuild: halfCounted }],
  ];
  return alternatives
    .filter(([origin, , { countedPerBuild }]) => origin === (countedPerBuild === undefined ? "assumed" : "files"))
    .map(([, assumption, change]) => ({ assumption, chance: forecastDay({ ...situation, ...change }, profile) }));
}

/** What the SVG shows: the hours where they are known, else the builds, else the others' load. */
export function chartOf(
  { situation, isOthersKnown, profile }: ForecastSettings,
  { chance, byHour }: PullForecast,
): SvgChart {
  const title = "Chance that a build is refused by Docker Hub's pull limit";
  const { addresses, limit, windowSeconds, othersPerHour, buildsPerHour, countedPerBuild } = situation;
  const limits = `${addresses} addresses, ${limit} pulls in ${formatSeconds(windowSeconds)} each`;
  const builds = `${formatNumber(buildsPerHour)} builds an hour of ${countedPerBuild} pulls`;
  const others = `others pull ${formatNumber(othersPerHour)} an hour`;
  if (byHour !== undefined && isOthersKnown) {
    const points = byHour.map((chance, value) => ({ value, chance }));
    return { title, subtitle: `${limits}, ${others}, ${builds}`, axis: "hour of the day, UTC", kind: "bars", points };
  }
  if (!isOthersKnown) {
    const values = spread(2 * capacityPerHour(situation));
    const points = sweep(situation, "othersPerHour", values, profile);
    return { title, subtitle: `${limits}, ${builds}`, axis: "pulls of others in an hour", kind: "curve", points };
  }
  const points = sweep(situation, "buildsPerHour", spread(highestBuildsPerHour(situation)));
  const mark = { value: buildsPerHour, chance };
  const subtitle = `${limits}, ${others}, ${countedPerBuild} pulls a build`;
  return { title, subtitle, axis: "builds in an hour", kind: "curve", points, mark };
}

function printSituation(
  terminal: Terminal,
  { situation, origins, addressesFrom, estimate, isOthersKnown, build }: ForecastSettings,
): void {
  const { addresses, othersPerHour, buildsPerHour, countedPerBuild, windowSeconds, limit, window, countRejected } =
    situation;
  const say = (name: string, text: string) => terminal.line(`  ${terminal.style("dim", name.padEnd(9))} ${text}`);
  const by = (...names: (keyof PullSituation)[]) =>
    names.some((name) => origins[name] === "assumed") ? " (assumed)" : "";
  terminal.line("Chance that a build is refused by Docker Hub's pull limit");
  say("addresses", `${addresses} (${addressesFrom})`);
  if (!isOthersKnown) say("others", "not known: give --others, or --readings of chubo limit");
  else say("others", `${formatNumber(othersPerHour)} pulls an hour${estimate === undefined ? "" : " (readings)"}`);
  if (estimate !== undefined) {
    const bound = estimate.isLowerBound ? ", or more: at times nothing was left" : "";
    say(
      "",
      `${formatNumber(estimate.perAddressPerHour)} at each address, by ${formatNumber(estimate.hours)} h of readings at ${estimate.sources} of them${bound}`,
    );
  }
  say(
    "builds",
    `${formatNumber(buildsPerHour)} an hour${by("buildsPerHour")}, ${countedPerBuild} counted pulls each${by("countedPerBuild")}`,
  );
  if (build !== undefined) say("", `by the files: ${build}`);
  say("limit", `${limit} pulls of an address in ${formatSeconds(windowSeconds)}${by("limit", "windowSeconds")}`);
  say("", `${window} window${by("window")}, refused pulls ${countRejected ? "" : "not "}counted${by("countRejected")}`);
}

/** Nobody can see what strangers pull: no one number is right. */
function printLoads(terminal: Terminal, { situation, profile }: ForecastSettings, unicode: boolean): void {
  const capacity = capacityPerHour(situation);
  const rows = forecastLoads(situation, profile).map((forecast) => {
    const { situation, chance } = forecast;
    const share = `${Math.round((100 * situation.othersPerHour) / capacity)} %`;
    const safe = forecast.safeBuildsPerDay === undefined ? "any" : formatNumber(forecast.safeBuildsPerDay);
    return { others: formatNumber(situation.othersPerHour), share, safe, chance };
  });
  const width = (name: "others" | "share" | "safe") => Math.max(6, ...rows.map((row) => row[name].length));
  const label = (others: string, share: string, safe: string) =>
    `${others.padStart(width("others"))}  ${share.padStart(width("share"))}  ${safe.padStart(width("safe"))}`;
  terminal.line(`All addresses together answer ${formatNumber(capacity)} pulls an hour.`);
  terminal.line("What others pull decides; for several loads: pulls of others an hour, their share");
  terminal.line("of what is answered, builds a day that are safe, and how many of yours fail.");
  terminal.line();
  const chart = rows.map(({ others, share, safe, chance }) => ({ label: label(others, share, safe), chance }));
  printForecastChart(terminal, `  ${label("others", "share", "safe")}`, chart, unicode);
}

function describeSafe({ safeBuildsPerDay, situation }: PullForecast): string {
  if (safeBuildsPerDay === undefined) return "The builds make no counted pull: any number of them is safe.";
  if (safeBuildsPerDay === 0) return "No number of builds is safe: even a single one fails more often than 1 in 100.";
  const room = safeBuildsPerDay < 24 * situation.buildsPerHour ? "Only up to" : "Up to";
  return `${room} ${formatNumber(safeBuildsPerDay)} builds a day fail no more often than 1 in 100.`;
}

function rowsByBuilds({ situation, profile }: ForecastSettings): ChartRow[] {
  const step = findStep(highestBuildsPerHour(situation), 10);
  const own = situation.buildsPerHour;
  const steps = Array.from({ length: 10 }, (_, index) => Number(((index + 1) * step).toPrecision(6)));
  const values = [...new Set([...steps, own])].sort((one, other) => one - other);
  return sweep(situation, "buildsPerHour", values, profile).map(({ value, chance }) => ({
    label: formatNumber(value),
    chance,
    marked: value === own,
  }));
}

function spread(largest: number): number[] {
  const parts = 120;
  const end = Math.min(1e9, largest);
  return Array.from({ length: parts + 1 }, (_, part) => (end * part) / parts);
}

function formatNumber(value: number): string {
  const digits = value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return digits.toLocaleString("en-US");
}

function formatSeconds(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
