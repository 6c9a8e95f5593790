import { type Buildspec, phaseNames } from "../buildspec/buildspec.ts";
import type { PlannedBuildspec } from "./planned-buildspec.ts";
import type { PlannedProject } from "./show-build.ts";
import type { Terminal } from "./terminal.ts";

export interface BuildPlan {
  project: PlannedProject | undefined;
  planned: PlannedBuildspec;
}

/** What a build would run, in order; values of variables and secrets are not shown. */
export function printBuildPlan(terminal: Terminal, { project, planned: { name, buildspec } }: BuildPlan): void {
  const { bold, dim } = styles(terminal);
  const place = project === undefined ? "no template" : `project ${project.name}, ${project.image}`;
  terminal.line(`${bold(name)}  ${dim(`version ${buildspec.version}, ${buildspec.shell}; ${place}`)}`);
  const named = {
    variables: Object.keys(buildspec.variables),
    parameters: Object.keys(buildspec.parameterStore),
    secrets: Object.keys(buildspec.secretsManager),
    exported: buildspec.exportedVariables,
  };
  for (const [kind, names] of Object.entries(named)) {
    if (names.length > 0) terminal.line(`  ${kind.padEnd(12)}${names.join(", ")}`);
  }
  printPhases(terminal, buildspec);
  printOutcomes(terminal, buildspec);
  for (const key of buildspec.notCarriedOut) terminal.line(dim(`  ${key} has no effect here`));
  for (const key of buildspec.unknownKeys) terminal.line(dim(`  ${key} is no key of a buildspec`));
}

function printPhases(terminal: Terminal, { phases }: Buildspec): void {
  const { bold, dim } = styles(terminal);
  for (const phaseName of phaseNames) {
    const phase = phases[phaseName];
    if (phase === undefined) continue;
    const { onFailure, runAs } = phase;
    const details = [onFailure && `on-failure ${onFailure.action}`, runAs && `as ${runAs}`].filter(Boolean).join(", ");
    terminal.line(`${bold(phaseName)}${details === "" ? "" : `  ${dim(details)}`}`);
    for (const command of phase.commands) printCommand(terminal, command);
    if (phase.finally.length > 0) terminal.line(dim("  finally"));
    for (const command of phase.finally) printCommand(terminal, command);
  }
}

function printOutcomes(terminal: Terminal, { artifacts, secondaryArtifacts, reports, cache }: Buildspec): void {
  const { bold } = styles(terminal);
  if (artifacts !== undefined) terminal.line(`${bold("artifacts")}  ${artifacts.files.join(", ")}`);
  for (const [id, { files }] of Object.entries(secondaryArtifacts)) {
    terminal.line(`${bold("artifacts")} ${id}  ${files.join(", ")}`);
  }
  for (const report of reports) terminal.line(`${bold("report")} ${report.name}  ${report.files.join(", ")}`);
  if (cache !== undefined) terminal.line(`${bold("cache")}  ${cache.paths.join(", ")}`);
}

function printCommand(terminal: Terminal, command: string): void {
  const [first = "", ...more] = command.trimEnd().split("\n");
  terminal.line(`  $ ${first}`);
  for (const line of more) terminal.line(`    ${line}`);
}

function styles(terminal: Terminal) {
  return {
    bold: (text: string) => terminal.style("bold", text),
    dim: (text: string) => terminal.style("dim", text),
  };
}
