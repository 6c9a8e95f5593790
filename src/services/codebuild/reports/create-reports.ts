import type { ReportBlock } from "../../../buildspec/buildspec.ts";
import { evaluatePaths } from "../artifacts/evaluate-block.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { createReport, refusalOf } from "./create-report.ts";
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
    const failure = await createReport(run, { group: block.name, format: block.fileFormat, files }).catch(refusalOf);
    if (failure !== undefined) failures.push(`${block.name}: [${failure}]`);
  }
  await discoverReports(run, taken);
  if (failures.length === 0) return;
  // So a build on AWS shows it that may not make a group: https://github.com/aws/aws-cdk/issues/7367
  throw new PhaseFailure("CLIENT_ERROR", `Error in UPLOAD_ARTIFACTS phase: [${failures.join(", ")}]`);
}

/** Variables in a block are the shell's, as it stands at the end of the build. */
async function evaluatedBlocks(run: BuildRun, blocks: readonly ReportBlock[]): Promise<ReportBlock[]> {
  const texts = blocks.flatMap(({ name, files, baseDirectory }) => [name, ...files, baseDirectory ?? ""]);
  const evaluate = await evaluatePaths(run, texts, run.environment?.sourceDirectory ?? "");
  return blocks.map((block) => ({
    ...block,
    name: evaluate(block.name),
    files: block.files.map(evaluate),
    baseDirectory: block.baseDirectory === undefined ? undefined : evaluate(block.baseDirectory),
  }));
}
