import { resolve } from "node:path";
import { collectRunResult } from "../server/collect-run-result.ts";
import { deployTemplates, readTemplates } from "../server/run-templates.ts";
import { readSourceDirectory } from "../server/source-directory.ts";
import { parseSourceStandIn } from "../server/source-stand-in.ts";
import { chooseProject, runStandInPipeline, type StandInBuild } from "../server/stand-in-pipeline.ts";
import { UsageError } from "../usage-error.ts";
import type { RunFlags } from "./describe-run.ts";
import { failureCause } from "./failure-cause.ts";
import { exitStatus } from "./report-error.ts";
import { gatherParameters, prepareSession } from "./run-session.ts";
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
  const session = prepareSession(flags, process);
  const templates = readTemplates(files);
  const parameters = await gatherParameters(templates, flags, process);
  const { directory, sources } = sourcesOf(flags, process);
  const source = await readSourceDirectory(directory);
  const view = openRunView(flags.quiet === true ? silentTerminal(terminal) : terminal);
  return session.run({ keep: flags.keep === true, directory, sources, observer: view }, async (opened) => {
    const { account, state, engines, interruption } = opened;
    const settings = { ...engines, project: flags.project, observer: view };
    const stacks = await deployTemplates(account, templates, parameters, settings);
    const isDeployed = stacks.every(({ status }) => status === "CREATE_COMPLETE");
    let built: StandInBuild | undefined;
    if (isDeployed && !interruption.happened()) {
      const project = chooseProject(account.codeBuild.store.projects.list(), flags.project);
      const options = { artifactsDirectory: state.artifacts, observer: view };
      built = await runStandInPipeline(account, project, source, options);
    }
    const result = collectRunResult(account, stacks, built);
    opened.throwDefect();
    const cause = failureCause(result, view.findFailedOutput());
    printRunSummary(terminal, result, { cause, currentDirectory: process.currentDirectory });
    if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (interruption.happened()) return exitStatus.interrupted;
    return result.status === "SUCCEEDED" ? exitStatus.succeeded : exitStatus.failed;
  });
}

/** The directory of the pipeline, which stands in for any primary source, and those of named repositories. */
function sourcesOf({ source = [] }: RunFlags, { currentDirectory }: ProcessView) {
  const given = source.map((text) => parseSourceStandIn(text, currentDirectory));
  const [own, second] = given.filter(({ location }) => location === undefined);
  if (second !== undefined) {
    throw new UsageError("CONFIG_SOURCE", "two directories are given as the source", {
      hint: "name the repository that the other one stands in for: --source URL=DIR",
    });
  }
  const directory = own?.directory ?? resolve(currentDirectory, ".");
  return { directory, sources: own === undefined ? [...given, { directory }] : given };
}
