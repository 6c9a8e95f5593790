import type { Command } from "commander";
import { type AccountFlags, addAccountOptions, collect } from "./account-flags.ts";

export interface RunFlags extends AccountFlags {
  source?: string[];
  parameter?: string[];
  parametersFile?: string;
  project?: string;
  pipeline?: string;
  keep?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Options and help of `chubo run`. */
export function describeRun(command: Command, run: (templates: string[], flags: RunFlags) => Promise<void>): void {
  command
    .showHelpAfterError("  hint chubo run --help shows the options")
    .description("deploy the templates locally, run the pipeline or build on a directory, and show what happened")
    .argument("[template...]", "CloudFormation templates (YAML or JSON), deployed in this order")
    .option(
      "--source <[URL=]dir>",
      "directory that the pipeline takes as its source (default: the current one); with a repository's URL: what stands in for that",
      collect,
    )
    .option("--parameter <NAME=VALUE>", "a template parameter; repeat for more", collect)
    .option("--parameters-file <file>", "JSON file of template parameters")
    .option("--project <name>", "the CodeBuild project to run, where the templates hold several")
    .option("--pipeline <name>", "the pipeline to run (not supported yet)")
    .option("--keep", "keep the account's state, so that `chubo up` can go on with it")
    .option("--json", "print one JSON object as the last line of stdout; people read stderr")
    .option("--quiet", "print nothing but errors and the summary");
  addAccountOptions(command).addHelpText("after", examples).action(run);
}

const examples = `
Examples:
  Run the one CodeBuild project of a template on the current directory:
    $ chubo run template.yml --parameter PJPrefix=demo

  See the build fail as it does on AWS when strangers used up the address's pulls:
    $ chubo run template.yml --source app --hub simulated --hub-remaining 0

  The same with a Docker Hub login, for a script:
    $ chubo run template.yml --source app --hub simulated --hub-remaining 0 \\
        --hub-account alice:correct-horse:personal --json | tail -n 1 | jq .status

Exit status: 0 succeeded, 1 the run failed, 2 usage or template error, 70 a defect of chubo's, 130 interrupted.
A NoEcho parameter that is not given is asked for with hidden input.`;
