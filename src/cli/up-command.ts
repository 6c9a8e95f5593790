import { join } from "node:path";
import { findDockerClients } from "../containers/docker-client.ts";
import { programPath } from "../containers/find-program.ts";
import { openAccount } from "../server/account.ts";
import { readProjectFile } from "../server/project-file.ts";
import { parseSourceStandIn } from "../server/source-stand-in.ts";
import { openStateDirectory } from "../server/state-directory.ts";
import { accountSettings } from "./account-options.ts";
import type { UpFlags } from "./describe-up.ts";
import { drainMilliseconds, watchEndSignals } from "./end-signals.ts";
import { exitStatus } from "./report-error.ts";
import { openRunView } from "./run-view.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";
import { formatUpInstructions } from "./up-instructions.ts";

/** `chubo up`: the account's server, until Ctrl-C. */
export async function upCommand(flags: UpFlags, process: ProcessView): Promise<number> {
  const settings = accountSettings(flags, process);
  const terminal = openTerminal(process, process.stdout);
  const view = openRunView(openTerminal(process, process.stderr));
  const projectFile = await readProjectFile(join(process.currentDirectory, "chubo.yml"), "chubo.yml");
  const state = openStateDirectory(settings.stateRoot, { fresh: false });
  const { ended, hurry } = watchEndSignals();
  try {
    const account = await openAccount({
      ...settings,
      state,
      projectFile,
      sources: (flags.source ?? []).map((text) => parseSourceStandIn(text, process.currentDirectory)),
      durable: true,
      nextFree: false,
      // Looked at anew for each build: a client may be installed meanwhile.
      dockerClients: () => findDockerClients(programPath(settings.path)),
      buildObserver: {
        onBuildStart: ({ id, projectName }) => view.onBuildStart({ id, project: projectName }),
        onPhase: ({ id, projectName: project }, phase) => view.onPhase(phase, { id, project }),
        onLog: ({ id, projectName: project }, text) => view.onLog(text, { id, project }),
        onNote: (_build, text) => view.onNote(text),
      },
      onStackEvent: view.onStackEvent,
      onNote: view.onNote,
      onDefect: (error) =>
        process.stderr.write(`chubo: internal error: ${error instanceof Error ? error.stack : String(error)}\n`),
    });
    const { port, region, bundleFile } = account;
    terminal.line(
      `${terminal.style("bold", "chubo")} ${port.url}  account ${account.id}, region ${region}, state ${state.root}`,
    );
    terminal.line();
    for (const line of formatUpInstructions({ url: port.url, account: account.id, region, bundleFile })) {
      terminal.line(line.startsWith("#") ? terminal.style("dim", line) : line);
    }
    terminal.line(terminal.style("dim", "\nCtrl-C ends it; the state stays."));
    await ended;
    const drained = account.port.drain({ milliseconds: drainMilliseconds, hurry });
    await account.codeBuild.shutdown();
    await drained;
    await account.close();
    return exitStatus.interrupted;
  } finally {
    state.release();
  }
}
