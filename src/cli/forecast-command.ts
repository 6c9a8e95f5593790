import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { forecastPulls, type PullForecast } from "../docker-hub/forecast/forecast-pulls.ts";
import { UsageError } from "../usage-error.ts";
import type { ForecastFlags } from "./describe-forecast.ts";
import { isUnicodeTerminal } from "./forecast-chart.ts";
import { chartOf, printForecast } from "./forecast-report.ts";
import { describeForecastResult } from "./forecast-result.ts";
import { type ForecastSettings, readForecastSettings } from "./forecast-settings.ts";
import { drawForecastSvg } from "./forecast-svg.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo forecast`: how often builds will fail at the pull limit. */
export function forecastCommand(flags: ForecastFlags, process: ProcessView): number {
  const settings = readForecastSettings(flags, process);
  const forecast = forecastPulls(settings.situation, settings.profile);
  if (flags.svg !== undefined) writeSvg(resolve(process.currentDirectory, flags.svg), settings, forecast);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(describeForecastResult(settings, forecast))}\n`);
  } else {
    const terminal = openTerminal(process, process.stdout);
    printForecast(terminal, settings, forecast, isUnicodeTerminal(process.variables));
  }
  return exitStatus.succeeded;
}

function writeSvg(file: string, settings: ForecastSettings, forecast: PullForecast): void {
  try {
    writeFileSync(file, drawForecastSvg(chartOf(settings, forecast)));
  } catch (error) {
    throw new UsageError("CHECK_SVG", `--svg cannot be written: ${(error as Error).message}`, { file, cause: error });
  }
}
