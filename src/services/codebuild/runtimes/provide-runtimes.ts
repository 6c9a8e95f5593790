import { type Buildspec, BuildspecError } from "../../../buildspec/buildspec.ts";
import { parseRuntimesFile, type RuntimesFile, runtimesFilePath } from "../../../buildspec/runtimes-file.ts";
import { expandVariables } from "../../../buildspec/secret-reference.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { runCommands } from "../run/run-command-phase.ts";
import { runInShell } from "../shell/evaluate-in-shell.ts";
import { askForVersions, describeDifferences } from "./installed-runtimes.ts";
import { selectRuntimes } from "./select-runtimes.ts";

/**
 * `phases.install.runtime-versions`: in a container by the image's own runtimes file, where it has one. Nothing else is
 * ever installed: the log tells what is there instead.
 */
export async function provideRuntimes(run: BuildRun, buildspec: Buildspec): Promise<void> {
  const { environment, log, variables = {} } = run;
  const asked = Object.fromEntries(
    Object.entries(buildspec.phases.install?.runtimeVersions ?? {}).map(([name, version]) => [
      name,
      expandVariables(version, variables),
    ]),
  );
  const text = await environment?.readImageFile(runtimesFilePath);
  if (text === undefined) {
    // What CodeBuild says on an image that is not one of its own.
    log.line("Skipping install of runtimes. Runtime version selection is not supported by this build image");
    return warnOfDifferences(run, asked);
  }
  const failure = await runCommands(run, chooseCommands(run, text, asked), { phaseType: "DOWNLOAD_SOURCE" });
  if (failure !== undefined) throw failure;
}

function chooseCommands(run: BuildRun, text: string, asked: Record<string, string>): string[] {
  try {
    const file: RuntimesFile = parseRuntimesFile(text);
    return selectRuntimes(file, asked, (line) => run.log.line(line));
  } catch (error) {
    if (!(error instanceof BuildspecError)) throw error;
    throw new PhaseFailure("YAML_FILE_ERROR", run.log.masked(error.message), { cause: error });
  }
}

async function warnOfDifferences(run: BuildRun, asked: Record<string, string>): Promise<void> {
  const command = askForVersions(Object.keys(asked));
  let answer = "";
  if (command !== "") {
    await runInShell(run, command, (chunk) => {
      answer += chunk;
    });
  }
  for (const line of describeDifferences(asked, answer)) run.log.line(line);
}
