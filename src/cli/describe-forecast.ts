import { type Command, Option } from "commander";

export interface ForecastFlags {
  region?: string;
  ipRanges?: string;
  addresses?: string;
  others?: string;
  profile?: string;
  buildsPerHour?: string;
  pullsPerBuild?: string;
  window?: string;
  limit?: string;
  windowKind?: "rolling" | "fixed";
  countRejected?: boolean;
  readings?: string;
  svg?: string;
  json?: boolean;
}

/** Options and help of `chubo forecast`. */
export function describeForecast(command: Command, run: (flags: ForecastFlags) => Promise<void>): void {
  command.description(
    "the chance that builds are refused by Docker Hub's pull limit, when, and how many a day are safe",
  );
  addForecastOptions(command)
    .option("--svg <file>", "write the chart to this file")
    .option("--json", "print one JSON object on stdout")
    .addHelpText("after", examples)
    .action(run);
}

/** What a forecast is made of; `chubo check --forecast` takes them too. */
export function addForecastOptions(command: Command): Command {
  return command
    .option(
      "--region <region>",
      "AWS region of the builds: those of CodeBuild share its addresses (default: AWS_REGION)",
    )
    .option("--ip-ranges <file>", "AWS's ip-ranges.json, to count the region's addresses")
    .option("--addresses <n>", "addresses that the builds leave by; 1 for a NAT of your own or an account")
    .option("--others <per-hour>", "pulls of everybody else by all these addresses")
    .option("--profile <weights>", "how busy others are in each hour of the day, UTC: 24 numbers with commas")
    .option("--readings <dir>", "state directory with readings of `chubo limit`, to estimate the others from")
    .option("--builds, --builds-per-hour <n>", "your builds (default: 4)")
    .option("--pulls-per-build <n>", "counted pulls of each build (default: as the files say, else 2)")
    .option("--limit <n>", "pulls that an address has in a window (default: 100, or as the readings say)")
    .option("--window <seconds>", "length of the window (default: 21600, or as the readings say)")
    .addOption(
      new Option("--window-kind <kind>", "whether the window rolls on or begins anew (default: rolling)").choices([
        "rolling",
        "fixed",
      ]),
    )
    .option("--count-rejected", "refused pulls count as well");
}

const examples = `
Examples:
  $ chubo forecast --region ap-northeast-1
  $ chubo forecast --region us-east-1 --ip-ranges ip-ranges.json --others 900 --builds 12 --svg forecast.svg
  $ chubo forecast --addresses 1 --others 0 --builds 8 --pulls-per-build 3
  $ chubo forecast --addresses 2 --readings .chubo --json | jq .chance

Nothing is asked of any server. Without --others and --readings a table for several loads is shown.
docs/forecast.md has the formulas, what they assume and where they err.
Exit status: 0 told, whatever the chance; 2 usage error.`;
