import { join, resolve } from "node:path";
import { findDockerClients } from "../containers/docker-client.ts";
import { programPath } from "../containers/find-program.ts";
import { openVersionMemory } from "../containers/version-memory.ts";
import type { Account, AccountOptions } from "../server/account.ts";
import type { BuildSettings } from "../server/check-engine-for.ts";
import { readProjectFile } from "../server/project-file.ts";
import type { ObservedBuild, RunObserver } from "../server/run-observer.ts";
import { checkParameterNames, parametersToAsk, type TemplateFile } from "../server/run-templates.ts";
import type { SourceStandIn } from "../server/source-stand-in.ts";
import { openStateDirectory, type StateDirectory } from "../server/state-directory.ts";
import type { BuildRecord } from "../services/codebuild/build.ts";
import { stateLayout } from "../store/state-layout.ts";
import type { AccountFlags } from "./account-flags.ts";
import { accountSettings } from "./account-options.ts";
import { askParameters } from "./ask-parameters.ts";
import { parseParameterOptions, readParametersFile } from "./parameters.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** An account that lasts as long as a command, with what ends it in order. */
export interface RunSession {
  account: Account;
  state: StateDirectory;
  engines: Omit<BuildSettings, "project">;
  interruption: Interruption;
  /** Throws what a part of the account has met and could not answer; no result is to be shown beside it. */
  throwDefect(): void;
}

export interface RunSessionOptions {
  keep: boolean;
  /** Directory of chubo.yml. */
  directory: string;
  /** What stands in for repositories; the directory, for any primary source, where nothing is given. */
  sources?: readonly SourceStandIn[];
  observer: RunObserver;
}

type Settings = ReturnType<typeof accountSettings>;

/** Looks for engines while the caller reads its files; nothing is made before `run`. */
export interface PreparedSession {
  settings: Settings;
  run(options: RunSessionOptions, work: (session: RunSession) => Promise<number>): Promise<number>;
}

/** Throws UsageError CONFIG_… for a faulty option. */
export function prepareSession(flags: AccountFlags, process: ProcessView): PreparedSession {
  const settings = accountSettings(flags, process);
  const versions = openVersionMemory(stateLayout(settings.stateRoot).programVersions);
  const clients = findDockerClients(programPath(settings.path), { memory: versions });
  // Loading the account's code keeps this thread busy while the programs that the other asks are answering.
  const loaded = import("../server/account.ts");
  return {
    settings,
    async run({ keep, directory, observer, sources = [{ directory }] }, work) {
      const projectFile = await readProjectFile(join(directory, "chubo.yml"), "chubo.yml");
      const { openAccount } = await loaded;
      const engines = { ...settings, dockerClients: () => clients };
      const state = openStateDirectory(settings.stateRoot, { fresh: true });
      const interruption = watchInterruption();
      let defect: unknown;
      let account: Account | undefined;
      try {
        const onDefect = (error: unknown) => {
          defect = error;
        };
        account = await openAccount({
          ...engines,
          ...observers(observer),
          ...{ state, projectFile, onDefect, sources, durable: keep },
          // Without --port any port will do: several runs may go on at once.
          nextFree: flags.port === undefined,
        });
        interruption.onInterrupt(account.codeBuild.shutdown);
        const throwDefect = () => {
          if (defect !== undefined) throw defect;
        };
        return await work({ account, state, engines, interruption, throwDefect });
      } finally {
        await account?.close();
        versions.save();
        if (keep) state.keepAccount();
        else state.discardAccount();
        state.release();
        interruption.stop();
      }
    },
  };
}

function observers(observer: RunObserver): Pick<AccountOptions, "buildObserver" | "onStackEvent" | "onNote"> {
  return {
    buildObserver: {
      onBuildStart: (build) => observer.onBuildStart(observed(build)),
      onPhase: (build, phase) => observer.onPhase(phase, observed(build)),
      onLog: (build, text) => observer.onLog(text, observed(build)),
      onNote: (build, text) => observer.onNote(text, observed(build)),
      onBatchChange: ({ id, groups }) =>
        observer.onBatchChange?.({
          id,
          tasks: groups.map(({ planned: { identifier, dependsOn, ignoreFailure }, current }) => ({
            ...{ identifier, dependsOn, ignoreFailure },
            ...(current !== undefined && { status: current.status }),
          })),
        }),
    },
    onStackEvent: observer.onStackEvent,
    onNote: observer.onNote,
  };
}

function observed({ id, projectName, batch }: BuildRecord): ObservedBuild {
  return { id, project: projectName, ...(batch !== undefined && { task: batch.identifier }) };
}

export interface ParameterFlags {
  parameter?: string[];
  parametersFile?: string;
}

/** The values of `--parameter` and `--parameters-file`; on a terminal, what is missing is asked for. */
export async function gatherParameters(
  templates: readonly TemplateFile[],
  flags: ParameterFlags,
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

export interface Interruption {
  happened(): boolean;
  /** Called at the first signal, at once where there was one already. The last one given counts. */
  onInterrupt(work: () => unknown): void;
  stop(): void;
}

/** Ctrl-C and SIGTERM end the build in order; a second one changes nothing, since the first is under way. */
function watchInterruption(): Interruption {
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
    onInterrupt(added) {
      work = added;
      if (happened) added();
    },
    stop() {
      for (const signal of signals) globalThis.process.off(signal, interrupt);
    },
  };
}
