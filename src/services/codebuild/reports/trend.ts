import type { GetReportGroupTrendOutput } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { ReportKind, ReportRecord } from "./report.ts";

type Reading = (report: ReportRecord) => number | undefined;

const fields: Readonly<Record<ReportKind, Readonly<Record<string, Reading>>>> = {
  TEST: {
    PASS_RATE: ({ testSummary }) =>
      testSummary === undefined || !testSummary.total
        ? undefined
        : ((testSummary.statusCounts?.SUCCEEDED ?? 0) / testSummary.total) * 100,
    DURATION: ({ testSummary }) => testSummary?.durationInNanoSeconds,
    TOTAL: ({ testSummary }) => testSummary?.total,
  },
  CODE_COVERAGE: {
    LINE_COVERAGE: ({ codeCoverageSummary }) => codeCoverageSummary?.lineCoveragePercentage,
    LINES_COVERED: ({ codeCoverageSummary }) => codeCoverageSummary?.linesCovered,
    LINES_MISSED: ({ codeCoverageSummary }) => codeCoverageSummary?.linesMissed,
    BRANCH_COVERAGE: ({ codeCoverageSummary }) => codeCoverageSummary?.branchCoveragePercentage,
    BRANCHES_COVERED: ({ codeCoverageSummary }) => codeCoverageSummary?.branchesCovered,
    BRANCHES_MISSED: ({ codeCoverageSummary }) => codeCoverageSummary?.branchesMissed,
  },
};

/** Reports without results are left out. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_GetReportGroupTrend.html */
export function findTrend(
  reports: readonly ReportRecord[],
  type: ReportKind,
  field: string | undefined,
): GetReportGroupTrendOutput {
  const reading = Object.hasOwn(fields[type], field ?? "") ? fields[type][field ?? ""] : undefined;
  if (reading === undefined) {
    const allowed = Object.keys(fields[type]).join(", ");
    throw new AwsError(
      "InvalidInputException",
      `Invalid trendField ${field} for a report group of ${type}: ${allowed}`,
    );
  }
  const data = reports.flatMap((report) => {
    const value = reading(report);
    return value === undefined ? [] : [{ arn: report.arn, value }];
  });
  if (data.length === 0) return { stats: {}, rawData: [] };
  const values = data.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    stats: {
      average: String(sum / values.length),
      max: String(Math.max(...values)),
      min: String(Math.min(...values)),
    },
    rawData: data.map(({ arn, value }) => ({ reportArn: arn, data: String(value) })),
  };
}
