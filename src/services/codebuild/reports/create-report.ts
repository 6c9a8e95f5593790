import type { CreateReportGroupCommandOutput } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Principal } from "../../../aws-api/service.ts";
import type { BuildRun } from "../run/build-run.ts";
import { PhaseFailure } from "../run/phase-failure.ts";
import { exportReport } from "./export-report.ts";
import { type ReadReport, readReportFiles } from "./read-report-files.ts";
import { completeReport, type ReportRecord } from "./report.ts";
import { kindOfFormat } from "./report-format.ts";
import { nameOfReportArn, type ReportGroupRecord } from "./report-group.ts";
import type { FoundFile } from "./walk-files.ts";

export interface ReportRequest {
  /** Name in the buildspec, or a group's ARN. */
  group: string;
  format: string;
  files: readonly FoundFile[];
}

/**
 * Makes one report as the build's role, which needs CreateReportGroup, CreateReport, UpdateReport and BatchPutTestCases or
 * BatchPutCodeCoverages. Returns why there is nothing in it. Throws AwsError or PhaseFailure where the role may not.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/test-permissions.html
 */
export async function createReport(run: BuildRun, request: ReportRequest): Promise<string | undefined> {
  const { collaborators, reports, log } = run;
  const principal = principalOf(run);
  const group = await findOrCreateGroup(run, request, principal);
  const may = (action: string) => collaborators.authorize(`codebuild:${action}`, group.arn, principal);
  may("CreateReport");
  const created = newReport(run, group);
  reports.putReport(created);
  run.build.reportArns = [...(run.build.reportArns ?? []), created.arn];
  // Until the report is whole it is not: a refusal on the way leaves it so.
  reports.putReport({ ...created, status: "INCOMPLETE" });
  if (request.files.length === 0) return "report files not found in build";
  const read = await readReportFiles(request.format, request.files);
  for (const fault of read.faults) log.line(`Warning: report ${group.name} is incomplete: ${fault}`);
  may(group.type === "TEST" ? "BatchPutTestCases" : "BatchPutCodeCoverages");
  may("UpdateReport");
  const { report, kept } = completeReport(created, masked(run, read));
  reports.putReport(read.faults.length === 0 ? report : { ...report, status: "INCOMPLETE" }, kept);
  await exportReport(run, report, request.files);
  return undefined;
}

/** Why a report cannot be made. Throws what is no refusal. */
export function refusalOf(error: unknown): string {
  if (error instanceof AwsError) return `${error.name}: ${error.message}`;
  if (error instanceof PhaseFailure) return error.message;
  throw error;
}

function principalOf({ credential }: BuildRun): Principal {
  if (credential === undefined) throw new Error("no role before PROVISIONING");
  return credential.principal;
}

async function findOrCreateGroup(
  run: BuildRun,
  { group, format }: ReportRequest,
  principal: Principal,
): Promise<ReportGroupRecord> {
  const { reports, build, collaborators } = run;
  const isArn = group.startsWith("arn:");
  const name = isArn ? nameOfReportArn(group) : `${build.projectName}-${group}`;
  const type = kindOfFormat(format);
  if (!isArn && reports.groups.get(name) === undefined) {
    const input = { name, type, exportConfig: { exportConfigType: "NO_EXPORT" } };
    await collaborators
      .call<CreateReportGroupCommandOutput>("codebuild", "CreateReportGroup", input, principal)
      .catch((error: unknown) => {
        throw new PhaseFailure("CLIENT_ERROR", `error creating report group: ${refusalOf(error)}`, { cause: error });
      });
  }
  const found = reports.groups.get(name);
  if (found === undefined || (isArn && found.arn !== group)) {
    throw new AwsError("ResourceNotFoundException", `Report group does not exist: ${group}`);
  }
  if (found.type === type) return found;
  throw new AwsError(
    "InvalidInputException",
    `${format} is a format of ${type}, and the report group is of ${found.type}`,
  );
}

function newReport({ build, collaborators }: BuildRun, group: ReportGroupRecord): ReportRecord {
  const id = `${group.name}:${collaborators.newUuid()}`;
  return {
    id,
    arn: group.arn.replace(/:report-group\/.*$/, `:report/${id}`),
    type: group.type,
    groupName: group.name,
    groupArn: group.arn,
    executionId: build.arn,
    status: "GENERATING",
    created: collaborators.now().getTime(),
    exportConfig: group.exportConfig,
    truncated: false,
  };
}

/** What a test says may hold a secret, and is kept for a month. */
function masked({ log }: BuildRun, { testCases, coverages }: ReadReport): ReadReport {
  const cleaned = testCases.map((testCase) => ({
    ...testCase,
    name: log.masked(testCase.name),
    message: log.masked(testCase.message),
  }));
  return { testCases: cleaned, coverages, faults: [] };
}
