import { resolve } from "node:path";
import { collectRunResult } from "../server/collect-run-result.ts";
import { makeLocalProject } from "../server/local-project.ts";
import { deployTemplates, readTemplates, type TemplateFile } from "../server/run-templates.ts";
import { readSourceDirectory } from "../server/source-directory.ts";
import {
  chooseProject,
  runStandInBatch,
  runStandInPipeline,
  type StandInBatch,
  type StandInBuild,
} from "../server/stand-in-pipeline.ts";
import type { StackOutcome } from "../services/cloudformation/deploy-stack.ts";
import { isCuratedImage, type ProjectRecord } from "../services/codebuild/project.ts";
import { UsageError } from "../usage-error.ts";
import { attendBuild, checkAttendance } from "./attend-build.ts";
import { type BuildOverrides, readBuildOverrides } from "./build-overrides.ts";
import { type BuildView, type BuildViewOptions, openBuildView } from "./build-view.ts";
import type { BuildFlags } from "./describe-build.ts";
import { failedBuild, failureCause } from "./failure-cause.ts";
import { exitStatus } from "./report-error.ts";
import { gatherParameters, prepareSession, type RunSession } from "./run-session.ts";
import { printRunSummary } from "./run-summary.ts";
import { openTerminal, type ProcessView, type Terminal } from "./terminal.ts";

/** Where nothing is said of an image, commands run on this machine: AWS's own images are not to be had. */
const localImage = "aws/codebuild/amazonlinux-x86_64-standard:5.0";

/** What one invocation builds, again and again with `--watch`. */
interface BuildTarget {
  flags: BuildFlags;
  process: ProcessView;
  terminal: Terminal;
  view: BuildView;
  sourceDirectory: string;
  templates: TemplateFile[];
  parameters: Record<string, string>;
  overrides: BuildOverrides;
}

/** `chubo build`: one build of one project, or of a directory with a buildspec. Resolves with the exit status. */
export async function buildCommand(files: string[], flags: BuildFlags, process: ProcessView): Promise<number> {
  checkFlags(files, flags);
  checkAttendance(flags, process);
  const sourceDirectory = resolve(process.currentDirectory, flags.source ?? ".");
  if (flags.list === true || flags.graph === true || flags.dryRun === true) {
    const { showBuild } = await import("./show-build.ts");
    return showBuild(files, { flags, process, sourceDirectory });
  }
  const session = prepareSession(flags, process);
  const terminal = openTerminal(process, flags.json === true ? process.stderr : process.stdout);
  const templates = readTemplates(files);
  const target: BuildTarget = {
    ...{ flags, process, terminal, sourceDirectory, templates },
    view: await openView(flags, terminal, {
      root: session.settings.stateRoot,
      currentDirectory: process.currentDirectory,
    }),
    parameters: await gatherParameters(templates, flags, process),
    overrides: readBuildOverrides(flags, { sourceDirectory, currentDirectory: process.currentDirectory }),
  };
  try {
    const options = { keep: false, directory: sourceDirectory, observer: target.view };
    return await session.run(options, (opened) => buildOnce(target, opened));
  } finally {
    target.view.close();
  }
}

async function openView(
  { batch, output: kind }: BuildFlags,
  terminal: Terminal,
  places: Omit<BuildViewOptions, "kind">,
): Promise<BuildView> {
  if (batch !== true) return openBuildView(terminal, { kind, ...places });
  const { openBatchView } = await import("./batch-view.ts");
  return openBatchView(terminal, { kind, ...places });
}

function checkFlags(files: readonly string[], flags: BuildFlags): void {
  for (const [name, value] of [["--image", flags.image] as const, ["--privileged", flags.privileged] as const]) {
    if (value === undefined || files.length === 0) continue;
    throw new UsageError("CONFIG_BUILD", `${name} is the template's to say`, {
      hint: "set Environment of its AWS::CodeBuild::Project, or build without a template",
    });
  }
  if (flags.project !== undefined && files.length === 0) {
    throw new UsageError("CONFIG_BUILD", "--project names a project of a template, and none is given", {
      hint: "chubo build TEMPLATE --project NAME",
    });
  }
}

async function buildOnce(target: BuildTarget, session: RunSession): Promise<number> {
  const { flags, terminal, view } = target;
  const { account, interruption } = session;
  const stacks = await deploy(target, session);
  const isDeployed = stacks.every(({ status }) => status === "CREATE_COMPLETE");
  if (!isDeployed || interruption.happened()) {
    return conclude(target, session, { stacks, built: undefined });
  }
  const project = await projectOf(target, session);
  const built = await build(target, session, project);
  const status = conclude(target, session, { stacks, built });
  if (flags.watch !== true) return status;
  const { watchSource } = await import("./watch-source.ts");
  await watchSource(target.sourceDirectory, {
    interruption,
    async onChange(changed) {
      terminal.line();
      terminal.line(terminal.style("cyan", `${changed} changed`));
      view.restart();
      conclude(target, session, { stacks, built: await build(target, session, project) });
    },
    onWait: () => terminal.line(terminal.style("dim", "· watching for changes; Ctrl-C ends")),
    onInterrupt: account.codeBuild.shutdown,
  });
  return exitStatus.interrupted;
}

function deploy({ flags, templates, parameters, view }: BuildTarget, { account, engines }: RunSession) {
  if (templates.length === 0) {
    const { privileged = false, image = localImage } = flags;
    if (privileged || (engines.environment === "auto" && !isCuratedImage(image))) account.startEngineAhead();
    return Promise.resolve<StackOutcome[]>([]);
  }
  return deployTemplates(account, templates, parameters, { ...engines, project: flags.project, observer: view });
}

function projectOf({ flags, templates, sourceDirectory }: BuildTarget, { account }: RunSession) {
  if (templates.length > 0) return chooseProject(account.codeBuild.store.projects.list(), flags.project);
  const { image = localImage, privileged = false } = flags;
  return makeLocalProject(account, { sourceDirectory, image, privileged });
}

async function build(target: BuildTarget, { account, state }: RunSession, project: ProjectRecord) {
  const { flags, process, terminal, sourceDirectory, templates, overrides, view } = target;
  const source = await readSourceDirectory(sourceDirectory);
  const runStandIn = flags.batch === true ? runStandInBatch : runStandInPipeline;
  return runStandIn(account, project, source, {
    ...overrides,
    ...(templates.length === 0 && { artifactStore: "none" }),
    attendance: attendBuild(flags, { process, terminal, view }),
    artifactsDirectory: state.artifacts,
    observer: view,
  });
}

function conclude(
  { flags, process, terminal, view }: BuildTarget,
  session: RunSession,
  { stacks, built }: { stacks: StackOutcome[]; built: StandInBuild | StandInBatch | undefined },
): number {
  const result = collectRunResult(session.account, stacks, built);
  session.throwDefect();
  view.conclude();
  const cause = failureCause(result, view.findFailedOutput(failedBuild(result)?.id));
  const { currentDirectory } = process;
  printRunSummary(terminal, result, { cause, currentDirectory, hasShownPhases: view.isFolded });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  if (session.interruption.happened()) return exitStatus.interrupted;
  return result.status === "SUCCEEDED" ? exitStatus.succeeded : exitStatus.failed;
}
