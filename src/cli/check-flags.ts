import { type Level, levels } from "../check/rules/rule.ts";
import { UsageError } from "../usage-error.ts";
import type { CheckFlags } from "./describe-check.ts";
import type { ForecastFlags } from "./describe-forecast.ts";

const formats = ["text", "json", "sarif", "github", "gitlab", "junit"] as const;
export type Format = (typeof formats)[number];

const forecastOptions = [
  ...(["region", "ipRanges", "addresses", "others", "profile", "readings", "buildsPerHour", "pullsPerBuild"] as const),
  ...(["limit", "window", "windowKind", "countRejected"] as const),
] satisfies readonly (keyof ForecastFlags)[];

/** Which format, and from which level on it fails. Throws UsageError where options disagree. */
export function readCheckFlags(flags: CheckFlags): { format: Format; failOn: Level | undefined } {
  const format = parseFormat(flags);
  for (const option of ["list", "forecast"] as const) {
    if (flags[option] !== true || format === "text" || format === "json") continue;
    const hint = `--${option}, or --${option} --json`;
    throw new UsageError("CHECK_OPTION", `--${option} is not for --format ${format}`, { hint });
  }
  if (flags.writeBaseline === true && flags.baseline === undefined) {
    throw new UsageError("CHECK_OPTION", "--write-baseline needs the file", {
      hint: "--baseline .chubo-baseline.json",
    });
  }
  checkForecastFlags(flags);
  return { format, failOn: parseFailOn(flags.failOn) };
}

function checkForecastFlags(flags: CheckFlags): void {
  const given = forecastOptions.find((name) => flags[name] !== undefined);
  if (flags.forecast === true || given === undefined) return;
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError("CHECK_OPTION", `--${option} is of a forecast, and needs --forecast`);
}

function parseFormat({ format, json }: CheckFlags): Format {
  const name = format ?? (json === true ? "json" : "text");
  const found = formats.find((one) => one === name);
  if (found === undefined) {
    throw new UsageError("CHECK_OPTION", `--format does not know ${name}`, { hint: `one of ${formats.join(", ")}` });
  }
  if (json === true && found !== "json") throw new UsageError("CHECK_OPTION", `--json and --format ${name} disagree`);
  return found;
}

function parseFailOn(text: string): Level | undefined {
  const level = levels.find((one) => one === text);
  if (level === undefined && text !== "never") {
    throw new UsageError("CHECK_OPTION", `--fail-on does not know ${text}`, {
      hint: `one of ${levels.join(", ")}, never`,
    });
  }
  return level;
}
