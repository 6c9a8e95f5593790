import type { Command } from "commander";
import { addForecastOptions, type ForecastFlags } from "./describe-forecast.ts";

export interface CheckFlags extends Omit<ForecastFlags, "svg" | "json"> {
  source?: string;
  format?: string;
  json?: boolean;
  output?: string;
  failOn: string;
  baseline?: string;
  writeBaseline?: boolean;
  config?: string;
  list?: boolean;
  forecast?: boolean;
}

/** Options and help of `chubo check`. */
export function describeCheck(
  command: Command,
  run: (path: string | undefined, flags: CheckFlags) => Promise<void>,
): void {
  command
    .description("find every Docker Hub pull of a repository, and who pulls as whom; asks no network")
    .argument("[path]", "a directory or one file (default: the current directory)")
    .option("--source <dir>", "folder in it that the templates' builds take as their source")
    .option("--format <name>", "text, json, sarif, github, gitlab or junit (default: text)")
    .option("--json", "the same as --format json")
    .option("--output <file>", "write the result there instead of to stdout")
    .option("--fail-on <level>", "exit with 1 from this level on: error, warning, note or never", "error")
    .option("--baseline <file>", "tell only what is not in this file")
    .option("--write-baseline", "write what is found to the file of --baseline")
    .option("--config <file>", "what to ignore, and why (default: chubo.yml of the directory)")
    .option("--list", "show every image reference found instead of the findings")
    .option("--forecast", "foretell how often the build that pulls most is refused, by the options that follow");
  addForecastOptions(command)
    .addHelpText("after", examples)
    .action((path: string | undefined, flags: CheckFlags) => run(path, flags));
}

const examples = `
Examples:
  $ chubo check
  $ chubo check infrastructure --source app
  $ chubo check --list
  $ chubo check --format sarif --output chubo.sarif
  $ chubo check --forecast --region ap-northeast-1 --builds-per-hour 12
  $ chubo check --baseline .chubo-baseline.json --write-baseline

A line is left out by a comment on it or above it:
  # chubo-ignore CHUBO001: pulled by hand once a month

Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage error.`;
