import { resolve } from "node:path";
import { findDockerClients } from "../containers/docker-client.ts";
import { programPath } from "../containers/find-program.ts";
import { openVersionMemory } from "../containers/version-memory.ts";
import type { Account } from "../server/account.ts";
import { collectRunResult } from "../server/collect-run-result.ts";
import {
  checkParameterNames,
  deployTemplates,
  parametersToAsk,
  readTemplates,
  type TemplateFile,
} from "../server/run-templates.ts";
import { readSourceDirectory } from "../server/source-directory.ts";
import { chooseProject, runStandInPipeline, type StandInBuild } from "../server/stand-in-pipeline.ts";
import { openStateDirectory, type StateDirectory } from "../server/state-directory.ts";
import { stateLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";
import { accountSettings } from "./account-options.ts";
import { askParameters } from "./ask-parameters.ts";
import type { RunFlags } from "./describe-run.ts";
import { failureCause } from "./failure-cause.ts";
import { parseParameterOptions, readParametersFile } from "./parameters.ts";
import { exitStatus } from "./report-error.ts";
import { printRunSummary } from "./run-summary.ts";
import { openRunView } from "./run-view.ts";
import { openTerminal, type ProcessView, silentTerminal } from "./terminal.ts";

/** `chubo run`: reads and checks everything first, then deploys, builds and sums up. Resolves with the exit status. */
export async function runCommand(files: string[], flags: RunFlags, process: ProcessView): Promise<number> {
  const terminal = openTerminal(process, flags.json === true ? process.stderr : process.stdout);
  if (files.length === 0) {
    throw new UsageError("CONFIG_TEMPLATE", "no template given", { hint: "chubo run TEMPLATE --source DIR" });
  }
  if (flags.pipeline !== undefined) {
    const message = `there is no pipeline ${flags.pipeline}: Chubo does not run AWS::CodePipeline::Pipeline yet (see docs/deviations.md)`;
    throw new UsageError("CONFIG_PIPELINE", message, { hint: "run its CodeBuild project with --project NAME" });
  }
  const settings = accountSettings(flags, process);
  const versions = openVersionMemory(stateLayout(settings.stateRoot).programVersions);
  const clients = findDockerClients(programPath(settings.path), { memory: versions });
  const engines = { ...settings, dockerClients: () => clients };
  const templates = readTemplates(files);
  const parameters = await gatherParameters(templates, flags, process);
  // Loading the account's code keeps this thread busy while the programs that the other asks are answering.
  const [source, { openAccount }] = await Promise.all([
    readSourceDirectory(resolve(process.currentDirectory, flags.source ?? ".")),
    import("../server/account.ts"),
  ]);
  const state = openStateDirectory(settings.stateRoot, { fresh: true });
  const view = openRunView(flags.quiet === true ? silentTerminal(terminal) : terminal);
  const interruption = watchInterruption();
  let defect: unknown;
  let account: Account | undefined;
  try {
    account = await openAccount({
      ...engines,
      state,
      durable: flags.keep === true,
      // Without --port any port will do: several runs may go on at once.
      nextFree: flags.port === undefined,
      buildObserver: {
        onBuildStart: (build) => view.onBuildStart({ id: build.id, project: build.projectName }),
        onPhase: (_build, phase) => view.onPhase(phase),
        onLog: (_build, text) => view.onLog(text),
        onNote: (_build, text) => view.onNote(text),
      },
      onStackEvent: view.onStackEvent,
      onNote: view.onNote,
      onDefect: (error) => {
        defect = error;
      },
    });
    interruption.onInterrupt(account.codeBuild.shutdown);
    const stacks = await deployTemplates(account, templates, parameters, {
      ...engines,
      project: flags.project,
      observer: view,
    });
    const isDeployed = stacks.every(({ status }) => status === "CREATE_COMPLETE");
    let built: StandInBuild | undefined;
    if (isDeployed && !interruption.happened()) {
      const project = chooseProject(account.codeBuild.store.projects.list(), flags.project);
      built = await runStandInPipeline(account, project, source, {
        artifactsDirectory: state.artifacts,
        observer: view,
      });
    }
    const result = collectRunResult(account, stacks, built);
    if (defect !== undefined) throw defect;
    printRunSummary(terminal, result, failureCause(result, view.findFailedOutput()));
    if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (interruption.happened()) return exitStatus.interrupted;
    return result.status === "SUCCEEDED" ? exitStatus.succeeded : exitStatus.failed;
  } finally {
    await account?.close();
    versions.save();
    closeState(state, flags);
    interruption.stop();
  }
}

async function gatherParameters(
  templates: readonly TemplateFile[],
  flags: RunFlags,
  process: ProcessView,
): Promise<Record<string, string>> {
  const fromFile =
    flags.parametersFile === undefined
      ? {}
      : readParametersFile(resolve(process.currentDirectory, flags.parametersFile));
  const given = { ...fromFile, ...parseParameterOptions(flags.parameter ?? []) };
  checkParameterNames(templates, given);
  const missing = parametersToAsk(templates, given);
  // The questions go to stderr, so that stdout can be a pipe.
  if (missing.length === 0 || !openTerminal(process, process.stderr).interactive) return given;
  return { ...given, ...(await askParameters(missing, process)) };
}

function closeState(state: StateDirectory, { keep }: RunFlags): void {
  if (keep === true) state.keepAccount();
  else state.discardAccount();
  state.release();
}

/** Ctrl-C and SIGTERM end the build in order; a second one changes nothing, since the first is under way. */
function watchInterruption() {
  let happened = false;
  let work: (() => unknown) | undefined;
  const interrupt = () => {
    happened = true;
    work?.();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) globalThis.process.on(signal, interrupt);
  return {
    happened: () => happened,
    onInterrupt(added: () => unknown) {
      work = added;
      if (happened) added();
    },
    stop() {
      for (const signal of signals) globalThis.process.off(signal, interrupt);
    },
  };
}
