import { writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { type ReadRepository, readRepository } from "../check/read-repository.ts";
import { checkResult } from "../check/report/check-result.ts";
import {
  formatGitHubAnnotations,
  formatGitLabCodeQuality,
  formatJUnit,
} from "../check/report/continuous-integration.ts";
import { type PlacedFinding, placeFindings } from "../check/report/placed-finding.ts";
import { formatPullList } from "../check/report/pull-list.ts";
import { formatSarif } from "../check/report/sarif.ts";
import { formatText, type TextStyle } from "../check/report/text-report.ts";
import { levels } from "../check/rules/rule.ts";
import { findAll } from "../check/rules/rules.ts";
import { UsageError } from "../usage-error.ts";
import type { CheckFlags } from "./describe-check.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo check`: reads, judges and tells. Changes nothing but the file of `--output`. */
export async function checkCommand(path: string, flags: CheckFlags, process: ProcessView): Promise<number> {
  const root = resolve(process.currentDirectory, path);
  const source =
    flags.source === undefined ? undefined : relative(root, resolve(process.currentDirectory, flags.source));
  const repository = readRepository(root, source === undefined ? {} : { source });
  const findings = placeFindings(findAll(repository));
  const told =
    flags.list === true && flags.format === "text" && flags.json !== true
      ? formatPullList(repository)
      : format(repository, findings, flags, process);
  if (flags.output === undefined) process.stdout.write(told);
  else writeOutput(resolve(process.currentDirectory, flags.output), told);
  return isFailure(findings, flags) ? exitStatus.failed : exitStatus.succeeded;
}

function format(
  repository: ReadRepository,
  findings: readonly PlacedFinding[],
  flags: CheckFlags,
  process: ProcessView,
): string {
  switch (flags.json === true ? "json" : flags.format) {
    case "json":
      return `${JSON.stringify(checkResult(repository, findings))}\n`;
    case "sarif":
      return formatSarif(findings, manifest.version);
    case "github":
      return formatGitHubAnnotations(findings);
    case "gitlab":
      return formatGitLabCodeQuality(findings);
    case "junit":
      return formatJUnit(findings);
    case "text":
      return formatText(repository, findings, textOptions(flags, process));
  }
}

function textOptions({ output }: CheckFlags, process: ProcessView): { style: TextStyle; columns: number } {
  const terminal = openTerminal(process, process.stdout);
  const colours = { error: "red", warning: "yellow", note: "cyan" } as const;
  const style = output === undefined ? terminal.style : (_: unknown, text: string) => text;
  return {
    columns: terminal.columns,
    style: {
      level: (level, text) => style(colours[level], text),
      strong: (text) => style("bold", text),
      faint: (text) => style("dim", text),
    },
  };
}

function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError("CHECK_OUTPUT", `--output cannot be written: ${file}`, { cause: error });
  }
}

function isFailure(findings: readonly PlacedFinding[], { failOn }: CheckFlags): boolean {
  if (failOn === "never") return false;
  return findings.some(({ level }) => levels.indexOf(level) <= levels.indexOf(failOn));
}
