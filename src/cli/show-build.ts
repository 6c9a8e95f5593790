import { deployRequests, readTemplates, type TemplateFile } from "../server/run-templates.ts";
import { findProject } from "../server/stand-in-pipeline.ts";
import type { PlannedResource } from "../services/cloudformation/cloudformation.ts";
import { knownAfterApply } from "../template/template-node.ts";
import { printBuildGraph } from "./build-graph.ts";
import { printBuildPlan } from "./build-plan-view.ts";
import type { BuildFlags } from "./describe-build.ts";
import { findBuildspecs, readPlannedBuildspec } from "./planned-buildspec.ts";
import { exitStatus } from "./report-error.ts";
import { gatherParameters, prepareSession } from "./run-session.ts";
import { openRunView } from "./run-view.ts";
import { openTerminal, type ProcessView, silentTerminal, type Terminal } from "./terminal.ts";

/** A project as far as it is known before anything is made. */
export interface PlannedProject {
  name: string;
  source: string;
  image: string;
  /** Inline text, a path, or undefined for buildspec.yml. */
  buildspec: string | undefined;
}

export interface ShowOptions {
  flags: BuildFlags;
  process: ProcessView;
  sourceDirectory: string;
}

/** `--list`, `--graph` and `--dry-run`: what could be built and how, with every error that a build would meet before its first command. */
export async function showBuild(files: string[], options: ShowOptions): Promise<number> {
  const { flags, process, sourceDirectory } = options;
  const terminal = openTerminal(process, flags.json === true ? process.stderr : process.stdout);
  const templates = readTemplates(files);
  const projects = templates.length === 0 ? [] : await planProjects(templates, options);
  if (flags.list === true) {
    const buildspecs = findBuildspecs(sourceDirectory);
    printList(terminal, projects, buildspecs);
    if (flags.json === true) printJson(process, { projects, buildspecs });
    return exitStatus.succeeded;
  }
  const project = findProject(projects, flags.project);
  const planned = readPlannedBuildspec({
    ...{ sourceDirectory, currentDirectory: process.currentDirectory, file: flags.buildspec },
    projectBuildspec: project?.buildspec,
  });
  if (flags.batch === true) {
    const { planBatchBuilds, printBatchPlan } = await import("./batch-plan-view.ts");
    const builds = planBatchBuilds(planned, { sourceDirectory, currentDirectory: process.currentDirectory });
    if (flags.graph === true) printBuildGraph(terminal, planned);
    else printBatchPlan(terminal, builds, { project, planned });
    if (flags.json === true) printJson(process, { project, buildspec: planned.buildspec, builds });
    return exitStatus.succeeded;
  }
  if (flags.graph === true) printBuildGraph(terminal, planned);
  else printBuildPlan(terminal, { project, planned });
  if (flags.json === true) printJson(process, { project, buildspec: planned.buildspec });
  return exitStatus.succeeded;
}

function printJson({ stdout }: ProcessView, value: unknown): void {
  stdout.write(`${JSON.stringify(value)}\n`);
}

async function planProjects(
  templates: readonly TemplateFile[],
  { flags, process, sourceDirectory: directory }: ShowOptions,
): Promise<PlannedProject[]> {
  const session = prepareSession(flags, process);
  const parameters = await gatherParameters(templates, flags, process);
  const observer = openRunView(silentTerminal(openTerminal(process, process.stderr)));
  let projects: PlannedProject[] = [];
  await session.run({ keep: false, directory, observer }, async ({ account }) => {
    const caller = { account: account.id, region: account.region, principal: account.root };
    const planned = await account.cloudFormation.checkStacks(deployRequests(templates, parameters), caller);
    projects = planned.filter(({ type }) => type === "AWS::CodeBuild::Project").map(plannedProject);
    return exitStatus.succeeded;
  });
  return projects;
}

function plannedProject({ logicalId, properties }: PlannedResource): PlannedProject {
  const text = (value: unknown) => (typeof value === "string" && value !== knownAfterApply ? value : undefined);
  const { Type, Location, BuildSpec } = (properties.Source ?? {}) as Record<string, unknown>;
  const { Image } = (properties.Environment ?? {}) as Record<string, unknown>;
  return {
    name: text(properties.Name) ?? logicalId,
    source: [text(Type), text(Location)].filter((part) => part !== undefined).join(" "),
    image: text(Image) ?? "known after the stack is made",
    buildspec: text(BuildSpec),
  };
}

function printList(terminal: Terminal, projects: readonly PlannedProject[], buildspecs: readonly string[]): void {
  if (projects.length > 0) terminal.line(terminal.style("bold", "Projects"));
  for (const { name, source, image, buildspec } of projects) {
    const told = buildspec?.includes("\n") === true ? "inline buildspec" : (buildspec ?? "buildspec.yml");
    terminal.line(`  ${name}  ${terminal.style("dim", [source, image, told].join("  "))}`);
  }
  terminal.line(terminal.style("bold", "Buildspecs"));
  for (const path of buildspecs) terminal.line(`  ${path}`);
  if (buildspecs.length === 0) terminal.line(terminal.style("dim", "  none below this directory"));
}
