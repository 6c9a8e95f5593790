import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

import manifest from "../../package.json" with { type: "json" };
import { applyIgnores } from "../check/configuration/apply-ignores.ts";
import { readBaseline, writeBaseline } from "../check/configuration/baseline.ts";
import { type CheckConfiguration, readCheckConfiguration } from "../check/configuration/check-configuration.ts";
import { addFingerprints } from "../check/configuration/fingerprint.ts";
import { isFile } from "../check/files/walk-files.ts";
import { type ReadRepository, readRepository } from "../check/read-repository.ts";
import type { CheckReport } from "../check/report/check-report.ts";
import { formatJson } from "../check/report/json.ts";
import { compareFindings } from "../check/report/sort-findings.ts";
import { formatPullList, formatText, type TextOptions } from "../check/report/text.ts";
import { type Level, levels } from "../check/rules/rule.ts";
import { rules } from "../check/rules/rules.ts";
import { UsageError } from "../usage-error.ts";
import type { CheckFlags } from "./describe-check.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

const formats = ["text", "json", "sarif", "github", "gitlab", "junit"] as const;
type Format = (typeof formats)[number];

/** `chubo check`: what is wrong with the pulls of a repository. */
export async function checkCommand(path: string | undefined, flags: CheckFlags, process: ProcessView): Promise<number> {
  const format = parseFormat(flags);
  const failOn = parseFailOn(flags.failOn);
  if (flags.list === true && format !== "text" && format !== "json") {
    throw new UsageError("CHECK_OPTION", `--list is not for --format ${format}`, { hint: "--list, or --list --json" });
  }
  if (flags.writeBaseline === true && flags.baseline === undefined) {
    throw new UsageError("CHECK_OPTION", "--write-baseline needs the file", {
      hint: "--baseline .chubo-baseline.json",
    });
  }
  const inDirectory = (name: string) => resolve(process.currentDirectory, name);
  const root = inDirectory(path ?? ".");
  const source = flags.source === undefined ? {} : { source: relative(root, inDirectory(flags.source)) };
  const repository = readRepository(root, source);
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
  const text = await formatReport(report, format, flags.list === true, options);
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

/** The formats for machines are loaded where they are asked for. */
async function formatReport(
  report: CheckReport,
  format: Format,
  listsPulls: boolean,
  options: TextOptions,
): Promise<string> {
  switch (format) {
    case "text":
      return listsPulls ? formatPullList(report.repository, options) : formatText(report, options);
    case "json":
      return formatJson(report, { listsPulls });
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

function parseFormat({ format, json }: CheckFlags): Format {
  const name = format ?? (json === true ? "json" : "text");
  const found = formats.find((one) => one === name);
  if (found === undefined) {
    throw new UsageError("CHECK_OPTION", `--format does not know ${name}`, { hint: `one of ${formats.join(", ")}` });
  }
  if (json === true && found !== "json") throw new UsageError("CHECK_OPTION", `--json and --format ${name} disagree`);
  return found;
}

function parseFailOn(text: string): Level | undefined {
  const level = levels.find((one) => one === text);
  if (level === undefined && text !== "never") {
    throw new UsageError("CHECK_OPTION", `--fail-on does not know ${text}`, {
      hint: `one of ${levels.join(", ")}, never`,
    });
  }
  return level;
}
