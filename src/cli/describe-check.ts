import { type Command, Option } from "commander";

export const checkFormats = ["text", "json", "sarif", "github", "gitlab", "junit"] as const;
export const failLevels = ["error", "warning", "note", "never"] as const;

export interface CheckFlags {
  source?: string;
  format: (typeof checkFormats)[number];
  json?: boolean;
  output?: string;
  failOn: (typeof failLevels)[number];
  list?: boolean;
}

/** Options and help of `chubo check`. */
export function describeCheck(
  command: Command,
  run: (path: string | undefined, flags: CheckFlags) => Promise<void>,
): void {
  command
    .description("find every pull from Docker Hub in a repository: which line, as whom, and what will happen")
    .argument("[path]", "directory or file to check", ".")
    .option("--source <dir>", "folder in it that the templates' builds take as their source")
    .addOption(new Option("--format <format>", "how the findings are told").choices(checkFormats).default("text"))
    .option("--json", "the same as --format json")
    .option("--output <file>", "write there instead of to stdout")
    .addOption(
      new Option("--fail-on <level>", "exit with 1 at a finding of this level or a worse one")
        .choices(failLevels)
        .default("error"),
    )
    .option("--list", "list every image that is pulled, instead of the findings")
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  $ chubo check                                         this directory
  $ chubo check infrastructure --source app             templates here, their builds' source there
  $ chubo check --list Dockerfile                       what a file pulls, and from where
  $ chubo check --format sarif --output chubo.sarif     for code scanning
  $ chubo check --fail-on never --format github         annotations that stop nothing

What .gitignore leaves out is left out; nothing is run, and nothing leaves this machine.
Exit status: 0 nothing at --fail-on or worse, 1 findings, 2 usage error.`;
