import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { Operations } from "../../../aws-api/service.ts";
import {
  describeCoverage,
  describeReport,
  describeTestCase,
  type FileCoverageRecord,
  percentagesOf,
  type ReportRecord,
  type TestCaseRecord,
} from "../reports/report.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { checkEnum, checkLength } from "./constraint.ts";
import { lookUp, takePage } from "./find-records.ts";
import { invalid } from "./project-input.ts";
import { getReportGroup, onReportGroup } from "./report-group-operations.ts";

export function reportOperations(reports: ReportStore) {
  return {
    BatchGetReports: {
      permissions: (input, context) =>
        (input.reportArns ?? []).flatMap((arn) => onReportGroup("BatchGetReports", arn, context)),
      run(input) {
        checkLength(input.reportArns, "reportArns", 100);
        const { found, missing } = lookUp(input.reportArns, (arn) => findReport(reports, arn));
        return { reports: found.map(describeReport), reportsNotFound: missing };
      },
    },
    ListReports: {
      permissions: () => [{ action: "codebuild:ListReports", resource: "*" }],
      run: (input) => listReports(reports.listReports(), input),
    },
    ListReportsForReportGroup: {
      permissions: (input, context) => onReportGroup("ListReportsForReportGroup", input.reportGroupArn, context),
      run: (input) => listReports(reports.listReports(getReportGroup(reports, input.reportGroupArn).name), input),
    },
    DeleteReport: {
      permissions: (input, context) => onReportGroup("DeleteReport", input.arn, context),
      run(input) {
        if (!/^arn:.*:report\/[^:]+:[^:]+$/.test(input.arn ?? "")) throw invalid(`Invalid report ARN: ${input.arn}`);
        reports.deleteReport(input.arn ?? "");
        return {};
      },
    },
    DescribeTestCases: {
      permissions: (input, context) => onReportGroup("DescribeTestCases", input.reportArn, context),
      run(input) {
        const report = getReport(reports, input.reportArn, "TEST");
        const found = reports.contentOf(report).testCases.filter((testCase) => passes(testCase, input.filter));
        const { items, nextToken } = takePage(found, input);
        const testCases = items.map((testCase) => describeTestCase(testCase, report));
        return { testCases, ...(nextToken !== undefined && { nextToken }) };
      },
    },
    DescribeCodeCoverages: {
      permissions: (input, context) => onReportGroup("DescribeCodeCoverages", input.reportArn, context),
      run: (input) => describeCodeCoverages(reports, input),
    },
  } satisfies Operations<typeof Sdk>;
}

function findReport(reports: ReportStore, arn: string | undefined): ReportRecord | undefined {
  const report = reports.findReport(arn ?? "");
  return report?.arn === arn ? report : undefined;
}

function getReport(reports: ReportStore, arn: string | undefined, type: ReportRecord["type"]): ReportRecord {
  const report = findReport(reports, arn);
  if (report === undefined) throw new AwsError("ResourceNotFoundException", `Report does not exist: ${arn}`);
  if (report.type !== type) throw invalid(`The report is of type ${report.type}, and not of ${type}: ${arn}`);
  return report;
}

/** The newest first, unless asked otherwise. */
function listReports(found: ReportRecord[], input: Sdk.ListReportsCommandInput) {
  const { sortOrder, filter } = input;
  checkEnum(sortOrder, "sortOrder", ["ASCENDING", "DESCENDING"]);
  checkEnum(filter?.status, "filter.status", ["GENERATING", "SUCCEEDED", "FAILED", "INCOMPLETE", "DELETING"]);
  const arns = found
    .filter(({ status }) => filter?.status === undefined || status === filter.status)
    .map(({ arn }) => arn);
  const { items, nextToken } = takePage(sortOrder === "ASCENDING" ? arns.reverse() : arns, input);
  return { reports: items, ...(nextToken !== undefined && { nextToken }) };
}

function passes({ status, name, prefix }: TestCaseRecord, filter: Sdk.TestCaseFilter | undefined): boolean {
  if (filter?.status !== undefined && filter.status !== status) return false;
  return filter?.keyword === undefined || name.includes(filter.keyword) || prefix.includes(filter.keyword);
}

function describeCodeCoverages(reports: ReportStore, input: Sdk.DescribeCodeCoveragesCommandInput) {
  const { sortBy, sortOrder, minLineCoveragePercentage: least, maxLineCoveragePercentage: most } = input;
  checkEnum(sortBy, "sortBy", ["LINE_COVERAGE_PERCENTAGE", "FILE_PATH"]);
  checkEnum(sortOrder, "sortOrder", ["ASCENDING", "DESCENDING"]);
  for (const bound of [least, most]) {
    if (bound !== undefined && (bound < 0 || bound > 100)) throw invalid("Line coverage percentages are from 0 to 100");
  }
  const report = getReport(reports, input.reportArn, "CODE_COVERAGE");
  const percentage = (coverage: FileCoverageRecord) => percentagesOf(coverage).lineCoveragePercentage;
  const found = reports
    .contentOf(report)
    .coverages.map((coverage, index) => ({ coverage, id: `${report.id.split(":")[1]}-${index}` }))
    .filter(({ coverage }) => percentage(coverage) >= (least ?? 0) && percentage(coverage) <= (most ?? 100))
    .sort((one, other) =>
      sortBy === "FILE_PATH"
        ? one.coverage.filePath.localeCompare(other.coverage.filePath, "en")
        : percentage(one.coverage) - percentage(other.coverage),
    );
  if (sortOrder === "DESCENDING") found.reverse();
  const { items, nextToken } = takePage(found, input);
  const codeCoverages = items.map(({ coverage, id }) => describeCoverage(coverage, report, id));
  return { codeCoverages, ...(nextToken !== undefined && { nextToken }) };
}
