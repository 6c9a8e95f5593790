import { AwsError } from "../../../aws-api/aws-error.ts";
import type { ReportBlock } from "../../../buildspec/buildspec.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { evaluateInShell } from "../shell/evaluate-in-shell.ts";
import { createReport } from "./create-report.ts";
import { discoverReports } from "./discover-reports.ts";
import { findReportFiles } from "./find-report-files.ts";

/**
 * The reports of a build: those of its buildspec, then those that are found. They are made whether or not its commands
 * succeeded. A failed test fails its report and not the build; a report that cannot be made fails UPLOAD_ARTIFACTS.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
 */
export async function createReports(run: BuildRun): Promise<void> {
  const { buildspec, environment, log } = run;
  if (buildspec === undefined || environment === undefined || run.variables === undefined) return;
  const failures: string[] = [];
  const taken = new Set<string>();
  for (const block of await evaluatedBlocks(run, buildspec.reports)) {
    const files = await findReportFiles(block, environment.local.sourceDirectory, log.line);
    for (const { path } of files) taken.add(path);
    const failure = await createReport(run, { group: block.name, format: block.fileFormat, files }).catch(reasonOf);
    if (failure !== undefined) failures.push(`${block.name}: [${failure}]`);
  }
  await discoverReports(run, taken);
  if (failures.length === 0) return;
  // As builds on AWS are remembered to show it; not verified.
  throw new PhaseFailure("CLIENT_ERROR", `Error in UPLOAD_ARTIFACTS phase: [${failures.join(", ")}]`);
}

function reasonOf(error: unknown): string {
  if (error instanceof AwsError) return `${error.name}: ${error.message}`;
  throw error;
}

/** Variables in a block are the shell's, as it stands at the end of the build. */
async function evaluatedBlocks(run: BuildRun, blocks: readonly ReportBlock[]): Promise<ReportBlock[]> {
  const texts = blocks.flatMap(({ name, files, baseDirectory }) => [name, ...files, baseDirectory ?? ""]);
  const open = [...new Set(texts.filter((text) => /[$`]/.test(text)))];
  const values = await evaluateInShell(
    run,
    open.map((text) => `"${text.includes("$(") ? text : text.replaceAll('"', '\\"')}"`),
  );
  const root = run.environment?.sourceDirectory ?? "";
  const evaluate = (text: string) => {
    const value = open.includes(text) ? (values[open.indexOf(text)] ?? text) : text;
    // `$CODEBUILD_SRC_DIR/reports` means `reports`.
    if (value === root) return ".";
    return value.startsWith(`${root}/`) ? value.slice(root.length + 1) : value;
  };
  return blocks.map((block) => ({
    ...block,
    name: evaluate(block.name),
    files: block.files.map(evaluate),
    baseDirectory: block.baseDirectory === undefined ? undefined : evaluate(block.baseDirectory),
  }));
}
