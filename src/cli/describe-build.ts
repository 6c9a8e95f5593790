import { type Command, Option } from "commander";
import { type AccountFlags, addAccountOptions, collect } from "./account-flags.ts";

export interface BuildFlags extends AccountFlags {
  source?: string;
  parameter?: string[];
  parametersFile?: string;
  project?: string;
  buildspec?: string;
  image?: string;
  privileged?: boolean;
  env?: string[];
  batch?: boolean;
  watch?: boolean;
  phase?: string;
  shellOnFailure?: boolean;
  output?: string;
  dryRun?: boolean;
  list?: boolean;
  graph?: boolean;
  json?: boolean;
}

/** Options and help of `chubo build`. */
export function describeBuild(command: Command, run: (templates: string[], flags: BuildFlags) => Promise<void>): void {
  command
    .showHelpAfterError("  hint chubo build --help shows the options")
    .description("run one CodeBuild build on a directory; a buildspec.yml is enough")
    .argument("[template...]", "CloudFormation templates with the project and what it needs; none are needed")
    .option("--project <name>", "the CodeBuild project to run, where the templates hold several")
    .option("--buildspec <file>", "another buildspec (default: the project's, or buildspec.yml)")
    .option("--source <dir>", "the source (default: the current directory)")
    .option("--env <NAME=VALUE>", "a variable of the build, before all others; repeat for more", collect)
    .option("--batch", "run the builds of the buildspec's batch, as StartBuildBatch does")
    .option("--image <image>", "without templates: the environment image (default: commands run on this machine)")
    .option("--privileged", "without templates: give the build a container engine of its own")
    .option("--parameter <NAME=VALUE>", "a template parameter; repeat for more", collect)
    .option("--parameters-file <file>", "JSON file of template parameters")
    .addOption(
      new Option("--phase <name>", "end the build after this phase").choices([
        "download_source",
        "install",
        "pre_build",
        "build",
        "post_build",
      ]),
    )
    .option("--shell-on-failure", "open a shell where a command has failed, before the phase ends")
    .option("--watch", "build again whenever a file of the source changes")
    .addOption(
      new Option("--output <kind>", "finished phases in one line each, or the whole log; folded on a terminal").choices(
        ["folded", "full"],
      ),
    )
    .option("--list", "show the projects and buildspecs that could be built, and build nothing")
    .option("--graph", "draw the order of phases, or of the builds of a batch, and build nothing")
    .option("--dry-run", "check templates and buildspec, show the commands, and build nothing")
    .option("--json", "print one JSON object as the last line of stdout; people read stderr");
  addAccountOptions(command).addHelpText("after", examples).action(run);
}

const examples = `
Examples:
  Run buildspec.yml on the current directory, without any template:
    $ chubo build

  The project of a template, with its role, secrets and image, again after each change:
    $ chubo build template.yml --watch

  See what would run, and in which order:
    $ chubo build --dry-run
    $ chubo build --graph --buildspec ci/batch.yml

  The builds of its batch, side by side or one after the other:
    $ chubo build --batch

  Look around where it fails; or put codebuild-breakpoint between the commands:
    $ chubo build --shell-on-failure

  In an image, with Docker:
    $ chubo build --image node:24 --privileged --env STAGE=test

The whole log of each build is kept in .chubo/logs.
Exit status: 0 succeeded, 1 the build failed, 2 usage, template or buildspec error, 70 a defect of chubo's, 130 interrupted.`;
