import type { Repository } from "../check/judge/repository.ts";
import { findCostliestBuild } from "../check/report/costliest-build.ts";
import type { TextOptions } from "../check/report/text.ts";
import { forecastPulls } from "../docker-hub/forecast/forecast-pulls.ts";
import type { CheckFlags } from "./describe-check.ts";
import { isUnicodeTerminal } from "./forecast-chart.ts";
import { printForecast } from "./forecast-report.ts";
import { describeForecastResult } from "./forecast-result.ts";
import { readForecastSettings } from "./forecast-settings.ts";
import type { ProcessView, Terminal } from "./terminal.ts";

export interface RepositoryForecast {
  format(options: TextOptions): string;
  result(): object;
}

/** The chance that the build that pulls most is refused; its counted pulls are those of the files. Throws UsageError. */
export function forecastRepository(
  repository: Repository,
  flags: CheckFlags,
  process: ProcessView,
): RepositoryForecast {
  const build = findCostliestBuild(repository);
  const settings = readForecastSettings(flags, process, {
    countedPerBuild: build?.countedRequests ?? 0,
    build: build?.name ?? "no build makes a counted pull without an account",
  });
  const forecast = forecastPulls(settings.situation, settings.profile);
  return {
    format(options) {
      const written: string[] = [];
      const write = (text: string) => void written.push(text);
      const terminal: Terminal = {
        ...options,
        style: options.style as Terminal["style"],
        interactive: false,
        write,
        line: (text = "") => write(`${text}\n`),
      };
      printForecast(terminal, settings, forecast, isUnicodeTerminal(process.variables));
      return written.join("");
    },
    result: () => ({ ...describeForecastResult(settings, forecast), build: build?.name ?? null }),
  };
}
