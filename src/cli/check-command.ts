import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { applyIgnores } from "../check/configuration/apply-ignores.ts";
import { readBaseline, writeBaseline } from "../check/configuration/baseline.ts";
import { type CheckConfiguration, readCheckConfiguration } from "../check/configuration/check-configuration.ts";
import { addFingerprints } from "../check/configuration/fingerprint.ts";
import { isFile } from "../check/files/walk-files.ts";
import type { ReadRepository } from "../check/read-repository.ts";
import type { CheckReport } from "../check/report/check-report.ts";
import { formatJson } from "../check/report/json.ts";
import { compareFindings } from "../check/report/sort-findings.ts";
import { formatPullList, formatText, type TextOptions } from "../check/report/text.ts";
import { levels } from "../check/rules/rule.ts";
import { rules } from "../check/rules/rules.ts";
import { UsageError } from "../usage-error.ts";
import { type Format, readCheckFlags } from "./check-flags.ts";
import type { RepositoryForecast } from "./check-forecast.ts";
import type { CheckFlags } from "./describe-check.ts";
import { openRepository } from "./open-repository.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo check`: what is wrong with the pulls of a repository. */
export async function checkCommand(path: string | undefined, flags: CheckFlags, process: ProcessView): Promise<number> {
  const { format, failOn } = readCheckFlags(flags);
  const inDirectory = (name: string) => resolve(process.currentDirectory, name);
  const repository = openRepository(path ?? ".", flags.source, process);
  const report = await makeReport(repository, flags, inDirectory);
  if (flags.baseline !== undefined && flags.writeBaseline === true) {
    writeBaseline(inDirectory(flags.baseline), flags.baseline, report.findings);
    const { line } = openTerminal(process, process.stderr);
    line(
      `${report.findings.length} ${report.findings.length === 1 ? "finding" : "findings"} written to ${flags.baseline}`,
    );
    return exitStatus.succeeded;
  }
  const terminal = openTerminal(process, process.stdout);
  const isToFile = flags.output !== undefined;
  const options = { style: isToFile ? (_: unknown, text: string) => text : terminal.style, columns: terminal.columns };
  const forecast = await makeForecast(report, flags, process);
  const text = await formatReport(report, format, { listsPulls: flags.list === true, forecast }, options);
  if (flags.output === undefined) process.stdout.write(text);
  else writeOutput(inDirectory(flags.output), flags.output, text);
  return failOn !== undefined && report.findings.some(({ level }) => levels.indexOf(level) <= levels.indexOf(failOn))
    ? exitStatus.failed
    : exitStatus.succeeded;
}

async function makeReport(
  repository: ReadRepository,
  flags: CheckFlags,
  inDirectory: (name: string) => string,
): Promise<CheckReport> {
  const found = rules.flatMap((rule) => rule.find(repository)).sort(compareFindings);
  const { ignore } = await readConfiguration(repository, flags, inDirectory);
  const isOld = flags.baseline !== undefined && flags.writeBaseline !== true;
  const baseline = isOld ? readBaseline(inDirectory(flags.baseline ?? ""), flags.baseline ?? "") : [];
  const sorted = applyIgnores(addFingerprints(found), { files: repository.files, entries: ignore, baseline });
  return { version: manifest.version, repository, rules, ...sorted };
}

async function readConfiguration(
  { root }: ReadRepository,
  { config }: CheckFlags,
  inDirectory: (name: string) => string,
): Promise<CheckConfiguration> {
  if (config !== undefined) return await readCheckConfiguration(inDirectory(config), config);
  const file = join(root, "chubo.yml");
  return isFile(file) ? await readCheckConfiguration(file, "chubo.yml") : { ignore: [] };
}

async function makeForecast(
  { repository }: CheckReport,
  flags: CheckFlags,
  process: ProcessView,
): Promise<RepositoryForecast | undefined> {
  if (flags.forecast !== true) return undefined;
  return (await import("./check-forecast.ts")).forecastRepository(repository, flags, process);
}

/** The formats for machines are loaded where they are asked for. */
async function formatReport(
  report: CheckReport,
  format: Format,
  { listsPulls, forecast }: { listsPulls: boolean; forecast: RepositoryForecast | undefined },
  options: TextOptions,
): Promise<string> {
  switch (format) {
    case "text": {
      const text = listsPulls ? formatPullList(report.repository, options) : formatText(report, options);
      return forecast === undefined ? text : `${text}\n${forecast.format(options)}`;
    }
    case "json":
      return formatJson(report, { listsPulls, ...(forecast && { forecast: forecast.result() }) });
    case "sarif":
      return (await import("../check/report/sarif.ts")).formatSarif(report);
    case "github":
      return (await import("../check/report/github-annotations.ts")).formatGitHubAnnotations(report);
    case "gitlab":
      return (await import("../check/report/gitlab-code-quality.ts")).formatGitLabCodeQuality(report);
    case "junit":
      return (await import("../check/report/junit.ts")).formatJUnit(report);
  }
}

function writeOutput(file: string, shown: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError("CHECK_OUTPUT", `the result cannot be written: ${shown}`, { cause: error });
  }
}
