import { open } from "node:fs/promises";
import picomatch from "picomatch";
import type { BuildRun } from "../run/build-run.ts";
import { evaluateInShell } from "../shell/evaluate-in-shell.ts";
import { recognizeFormat } from "./recognize-format.ts";
import { type FoundFile, walkFiles } from "./walk-files.ts";

const timeoutInSeconds = 5;
/** As much of a file as shows its format. */
const beginning = 8192;

/**
 * Looks for report files that the buildspec does not name, and makes reports in groups `PROJECT-FORMAT-AutoDiscovered`. The log
 * lines are the agent's, as builds on AWS show them since 2024. That a role without permissions loses the reports and not the
 * build is a guess: most roles lack them.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/report-auto-discover.html
 */
export async function discoverReports(run: BuildRun, taken: ReadonlySet<string>): Promise<void> {
  const { log, environment, collaborators } = run;
  const { isOn, pattern } = await readSettings(run);
  if (!isOn || environment === undefined) return;
  log.line(`Set report auto-discover timeout to ${timeoutInSeconds} seconds`);
  // The two blanks are the agent's.
  for (const text of ["Expanding base directory path:  .", "Assembling file list", "Expanding ."]) log.line(text);
  for (const text of ["Expanding file paths for base directory .", "Assembling file list"]) log.line(text);
  log.line(`Expanding ${pattern}`);
  const begun = collaborators.now().getTime();
  const isLate = () => collaborators.now().getTime() - begun > timeoutInSeconds * 1000;
  const found = await findReports(environment.local.sourceDirectory, pattern, taken, isLate);
  const count = [...found.values()].flat().length;
  log.line(count === 0 ? "No matching auto-discover report paths found" : `Found ${count} file(s)`);
  const seconds = (collaborators.now().getTime() - begun) / 1000;
  log.line(`Report auto-discover file discovery took ${seconds.toFixed(6)} seconds`);
  for (const [format, files] of found) await createDiscovered(run, format, files);
}

/** The commands may have set them: they are the shell's, as it stands at the end of the build. */
async function readSettings(run: BuildRun): Promise<{ isOn: boolean; pattern: string }> {
  const words = ["CODEBUILD_CONFIG_AUTO_DISCOVER", "CODEBUILD_CONFIG_AUTO_DISCOVER_DIR"].map(
    (name) => `"\${${name}-}"`,
  );
  const [setting = "", directory = ""] = await evaluateInShell(run, words);
  return { isOn: setting.toLowerCase() !== "false", pattern: directory === "" ? "**/*" : directory };
}

async function findReports(
  root: string,
  pattern: string,
  taken: ReadonlySet<string>,
  isLate: () => boolean,
): Promise<Map<string, FoundFile[]>> {
  const found = new Map<string, FoundFile[]>();
  // The variable is called after a directory, and its default is a pattern: both are taken.
  const matches = picomatch([pattern, `${pattern.replace(/\/$/, "")}/**`], { dot: true });
  for await (const file of walkFiles(root)) {
    if (isLate()) break;
    if (!/\.(xml|json|trx)$/i.test(file.name) || taken.has(file.path) || !matches(file.name)) continue;
    const format = recognizeFormat(await readBeginning(file.path));
    if (format !== undefined) found.set(format, [...(found.get(format) ?? []), file]);
  }
  return found;
}

async function readBeginning(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginning), 0, beginning, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function createDiscovered(run: BuildRun, format: string, files: readonly FoundFile[]): Promise<void> {
  const { createReport, refusalOf } = await import("./create-report.ts");
  try {
    await createReport(run, { group: `${format}-AutoDiscovered`, format, files });
  } catch (error) {
    run.log.line(`Warning: no report of the ${format} files that were found: ${refusalOf(error)}`);
  }
}
