import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { describeHub, type HubFlags } from "./describe-hub.ts";
import { exitStatus, reportError } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** Options that `run` and `up` share. */
export interface AccountFlags {
  engine: string;
  environment: string;
  hub?: string;
  hubRemaining?: string;
  hubAccount?: string[];
  region?: string;
  account: string;
  state?: string;
  port?: string;
}

export interface RunFlags extends AccountFlags {
  source?: string;
  parameter?: string[];
  parametersFile?: string;
  project?: string;
  pipeline?: string;
  keep?: boolean;
  json?: boolean;
  quiet?: boolean;
}

export interface LimitFlags {
  upstream: string;
  account: string[];
  failBelow?: string;
  state?: string;
  json?: boolean;
}

/** Parses the command line, runs the command and resolves with the exit status. Never rejects. */
export async function runProgram(commandLine: readonly string[], process: ProcessView): Promise<number> {
  let status: number = exitStatus.succeeded;
  const program = describeProgram(process, {
    run: async (templates, flags) => {
      const { runCommand } = await import("./run-command.ts");
      status = await runCommand(templates, flags, process);
    },
    up: async (flags) => {
      const { upCommand } = await import("./up-command.ts");
      status = await upCommand(flags, process);
    },
    limit: async (flags) => {
      const { limitCommand } = await import("./limit-command.ts");
      status = await limitCommand(flags, process);
    },
    hub: async (flags) => {
      const { hubCommand } = await import("./hub-command.ts");
      status = await hubCommand(flags, process);
    },
  });
  try {
    await program.parseAsync(commandLine, { from: "user" });
    return status;
  } catch (error) {
    // Commander has printed its own message already; help and --version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.succeeded : exitStatus.usage;
    return reportError(error, openTerminal(process, process.stderr));
  }
}

interface Commands {
  run(templates: string[], flags: RunFlags): Promise<void>;
  up(flags: AccountFlags): Promise<void>;
  limit(flags: LimitFlags): Promise<void>;
  hub(flags: HubFlags): Promise<void>;
}

function describeProgram(process: ProcessView, commands: Commands): Command {
  const program = new Command("chubo")
    .description("Runs an AWS container pipeline on this machine, from the CloudFormation template you already have.")
    .version(version(), "--version", "print the version")
    .helpOption("-h, --help", "show help")
    // Narrow terminals too: the names alone take 37 columns.
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void process.stdout.write(text),
      writeErr: (text) => void process.stderr.write(text),
      // As report-error.ts prints what is wrong with a value.
      outputError: (text) => {
        const { line, style } = openTerminal(process, process.stderr);
        line(text.trimEnd().replace(/^error:/, style(["red", "bold"], "error")));
      },
      getOutHelpWidth: () => process.stdout.columns ?? 100,
      getErrHelpWidth: () => process.stderr.columns ?? 100,
    })
    .showSuggestionAfterError()
    .showHelpAfterError("  hint chubo --help shows the commands")
    .addHelpText("after", programExamples);
  const run = program
    .command("run")
    .showHelpAfterError("  hint chubo run --help shows the options")
    .description("deploy the templates locally, run the pipeline or build on a directory, and show what happened")
    .argument("[template...]", "CloudFormation templates (YAML or JSON), deployed in this order")
    .option("--source <dir>", "directory that the pipeline takes as its source (default: the current one)")
    .option("--parameter <NAME=VALUE>", "a template parameter; repeat for more", collect)
    .option("--parameters-file <file>", "JSON file of template parameters")
    .option("--project <name>", "the CodeBuild project to run, where the templates hold several")
    .option("--pipeline <name>", "the pipeline to run (not supported yet)")
    .option("--keep", "keep the account's state, so that `chubo up` can go on with it")
    .option("--json", "print one JSON object as the last line of stdout; people read stderr")
    .option("--quiet", "print nothing but errors and the summary");
  addAccountOptions(run)
    .addHelpText("after", runExamples)
    .action((templates: string[], flags: RunFlags) => commands.run(templates, flags));
  const up = program
    .command("up")
    .showHelpAfterError("  hint chubo up --help shows the options")
    .description("keep the same server running, for aws, SDKs, docker, podman");
  addAccountOptions(up)
    .addHelpText("after", upExamples)
    .action((flags: AccountFlags) => commands.up(flags));
  describeLimit(program).action((flags: LimitFlags) => commands.limit(flags));
  describeHub(program.command("hub"), commands.hub);
  return program;
}

function addAccountOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--environment <kind>", "where builds run").choices(["auto", "host", "container"]).default("auto"),
    )
    .addOption(
      new Option("--engine <kind>", "container engine of privileged builds")
        .choices(["auto", "docker", "podman"])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--hub <kind>",
        "the real Docker Hub, or the simulated one; live, unless a setting of the other is given",
      ).choices(["live", "simulated"]),
    )
    .option("--hub-remaining <n>", "simulated Docker Hub: anonymous pulls left for this address")
    .option("--hub-account <USER:PASSWORD:TIER>", "simulated Docker Hub: an account; repeat for more", collect)
    .option("--region <region>", "AWS region (default: AWS_REGION, or us-east-1)")
    .option("--account <id>", "AWS account ID", "123456789012")
    .option("--state <dir>", "state directory (default: .chubo)")
    .option("--port <n>", "port of the server (default: 4566, for `run` the next free one)");
}

function describeLimit(program: Command): Command {
  return program
    .command("limit")
    .description(
      "ask Docker Hub what is left of the pull limit, for this address and each account found; spends no pull",
    )
    .option("--upstream <NAME[=URL]>", "registry to ask, and where it is reached", "docker.io")
    .option("--account <USER>", "only this identity (`anonymous` is the address); repeat for more", collect, [])
    .option("--fail-below <n>", "exit with 1 where fewer pulls are left")
    .option("--state <dir>", "state directory, where the readings are kept (default: .chubo)")
    .option("--json", "print one JSON object on stdout")
    .addHelpText("after", limitExamples);
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function version(): string {
  const file = join(import.meta.dirname, "..", "..", "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

const programExamples = `
Examples:
  $ chubo run template.yml --source .          run the pipeline of a template on this directory
  $ chubo up                                   the same server, kept running on port 4566
  $ chubo limit                                what Docker Hub leaves this address and your accounts
  $ chubo hub --remaining 0                    a Docker Hub that says no, for your own mirror or CI

No telemetry. Nothing leaves this machine but what the build itself asks for.`;

const runExamples = `
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

const upExamples = `
Examples:
  $ chubo up
  $ chubo up --port 4600 --state ~/.local/state/chubo --hub simulated`;

const limitExamples = `
Examples:
  $ chubo limit
  $ chubo limit --account anonymous --fail-below 20 && docker build .
  $ CHUBO_UPSTREAM_DOCKER_IO_USERNAME=alice CHUBO_UPSTREAM_DOCKER_IO_PASSWORD=... chubo limit --json | jq .identities

Accounts come from CHUBO_UPSTREAM_DOCKER_IO_USERNAME and _PASSWORD, from the file named by
CHUBO_UPSTREAM_DOCKER_IO_CREDENTIALS_FILE (lines of USER:PASSWORD, or JSON), and from docker's config.json with its
credential helpers.
Exit status: 0 told, 1 fewer than --fail-below, a login refused, or no answer; 2 usage error.`;
