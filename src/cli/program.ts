import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { type BuildFlags, describeBuild } from "./describe-build.ts";
import { type CheckFlags, describeCheck } from "./describe-check.ts";
import { describeCompletion, type Shell } from "./describe-completion.ts";
import { describeExplain, type ExplainFlags } from "./describe-explain.ts";
import { describeFix, type FixFlags } from "./describe-fix.ts";
import { describeForecast, type ForecastFlags } from "./describe-forecast.ts";
import { describeGateway, type GatewayCommands } from "./describe-gateway.ts";
import { describeHub, type HubFlags } from "./describe-hub.ts";
import { describeLimit, type LimitFlags } from "./describe-limit.ts";
import { describeRun, type RunFlags } from "./describe-run.ts";
import { describeUp, type UpFlags } from "./describe-up.ts";
import { exitStatus, reportError } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** Parses the command line, runs the command and resolves with the exit status. Never rejects. */
export async function runProgram(commandLine: readonly string[], process: ProcessView): Promise<number> {
  let status: number = exitStatus.succeeded;
  const program = describeProgram(process, {
    run: async (templates, flags) => {
      const { runCommand } = await import("./run-command.ts");
      status = await runCommand(templates, flags, process);
    },
    build: async (templates, flags) => {
      const { buildCommand } = await import("./build-command.ts");
      status = await buildCommand(templates, flags, process);
    },
    up: async (flags) => {
      const { upCommand } = await import("./up-command.ts");
      status = await upCommand(flags, process);
    },
    check: async (path, flags) => {
      const { checkCommand } = await import("./check-command.ts");
      status = await checkCommand(path, flags, process);
    },
    fix: async (path = ".", flags) => {
      const { fixCommand } = await import("./fix-command.ts");
      status = await fixCommand(path, flags, process);
    },
    explain: async (code, flags) => {
      const { explainCommand } = await import("./explain-command.ts");
      status = explainCommand(code, flags, process);
    },
    limit: async (flags) => {
      const { limitCommand } = await import("./limit-command.ts");
      status = await limitCommand(flags, process);
    },
    forecast: async (flags) => {
      const { forecastCommand } = await import("./forecast-command.ts");
      status = forecastCommand(flags, process);
    },
    hub: async (flags) => {
      const { hubCommand } = await import("./hub-command.ts");
      status = await hubCommand(flags, process);
    },
    gateway: async (flags) => {
      const { gatewayCommand } = await import("./gateway-command.ts");
      status = await gatewayCommand(flags, process);
    },
    completion: async (shell) => {
      const { completionScript } = await import("./completion-script.ts");
      process.stdout.write(completionScript(program, shell));
    },
    prefetch: async (references, flags) => {
      const { prefetchCommand } = await import("./prefetch-command.ts");
      status = await prefetchCommand(references, flags, process);
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

interface Commands extends GatewayCommands {
  run(templates: string[], flags: RunFlags): Promise<void>;
  build(templates: string[], flags: BuildFlags): Promise<void>;
  up(flags: UpFlags): Promise<void>;
  check(path: string | undefined, flags: CheckFlags): Promise<void>;
  fix(path: string | undefined, flags: FixFlags): Promise<void>;
  explain(code: string | undefined, flags: ExplainFlags): Promise<void>;
  limit(flags: LimitFlags): Promise<void>;
  forecast(flags: ForecastFlags): Promise<void>;
  hub(flags: HubFlags): Promise<void>;
  completion(shell: Shell): Promise<void>;
}

function describeProgram(process: ProcessView, commands: Commands): Command {
  const program = new Command("chubo")
    .description("Runs an AWS container pipeline on this machine, from the CloudFormation template you already have.")
    .version(manifest.version, "--version", "print the version")
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
  describeRun(program.command("run"), commands.run);
  describeBuild(program.command("build"), commands.build);
  describeUp(program.command("up"), commands.up);
  describeCheck(program.command("check"), commands.check);
  describeFix(program.command("fix"), commands.fix);
  describeExplain(program.command("explain"), commands.explain);
  describeLimit(program.command("limit"), commands.limit);
  describeForecast(program.command("forecast"), commands.forecast);
  describeHub(program.command("hub"), commands.hub);
  describeGateway(program.command("gateway"), commands);
  describeCompletion(program.command("completion"), commands.completion);
  return program;
}

const programExamples = `
Examples:
  $ chubo run template.yml --source .          run the pipeline of a template on this directory
  $ chubo build                                run buildspec.yml on this directory, without any template
  $ chubo up                                   the same server, kept running on port 4566
  $ chubo check                                every pull from Docker Hub in a repository, and as whom
  $ chubo fix --remedy login --source app      mends them: a login before the pulls
  $ chubo limit                                what Docker Hub leaves this address and your accounts
  $ chubo forecast --region ap-northeast-1     how often builds will fail at the pull limit
  $ chubo gateway                              a pull-through gateway: each image is pulled once for all
  $ chubo hub --remaining 0                    a Docker Hub that says no, for your own mirror or CI

No telemetry. Nothing leaves this machine but what the build itself asks for.`;
