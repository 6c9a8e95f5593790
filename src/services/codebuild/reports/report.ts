import type {
  CodeCoverage,
  CodeCoverageReportSummary,
  Report,
  ReportExportConfig,
  TestCase,
  TestReportSummary,
} from "@aws-sdk/client-codebuild";

export type ReportKind = "TEST" | "CODE_COVERAGE";
export type TestStatus = "SUCCEEDED" | "FAILED" | "ERROR" | "SKIPPED" | "UNKNOWN";

/** One test as its framework's file tells of it. */
export interface TestCaseRecord {
  name: string;
  /** What its framework puts before the name: a class, a namespace, a feature. */
  prefix: string;
  testSuiteName: string;
  status: TestStatus;
  durationInNanoSeconds: number;
  message: string;
  /** The file that it came out of, relative to the report's base directory. */
  testRawDataPath: string;
}

/** How far the tests cover one source file. */
export interface FileCoverageRecord {
  filePath: string;
  linesCovered: number;
  linesMissed: number;
  branchesCovered: number;
  branchesMissed: number;
}

/** What a report's files hold; one of the two lists stays empty. Kept apart from the report: it is large. */
export interface ReportContent {
  testCases: TestCaseRecord[];
  coverages: FileCoverageRecord[];
}

/** A report as it is stored. Times in milliseconds since 1970. */
export interface ReportRecord {
  /** `GROUP:UUID`. */
  id: string;
  arn: string;
  type: ReportKind;
  groupName: string;
  groupArn: string;
  /** The build's ARN. */
  executionId: string;
  status: "GENERATING" | "SUCCEEDED" | "FAILED" | "INCOMPLETE";
  created: number;
  exportConfig: ReportExportConfig;
  truncated: boolean;
  testSummary?: TestReportSummary;
  codeCoverageSummary?: CodeCoverageReportSummary;
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html: a report can be read for 30 days. */
const lifetime = 30 * 24 * 3600 * 1000;

export function isExpired({ created }: ReportRecord, time: number): boolean {
  return created + lifetime <= time;
}

/** What a report keeps of its test cases. https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html */
const mostTestCases = 500;

/** The record with its results: FAILED where a test is. Test cases beyond the limit go, those that failed last of all. */
export function completeReport(
  report: ReportRecord,
  content: ReportContent,
): { report: ReportRecord; kept: ReportContent } {
  if (report.type === "CODE_COVERAGE") {
    const codeCoverageSummary = summarizeCoverage(content.coverages);
    return { report: { ...report, status: "SUCCEEDED", codeCoverageSummary }, kept: content };
  }
  const { testCases } = content;
  const isBad = ({ status }: TestCaseRecord) => status === "FAILED" || status === "ERROR";
  const status = testCases.some(isBad) ? "FAILED" : "SUCCEEDED";
  const kept = [...testCases.filter(isBad), ...testCases.filter((one) => !isBad(one))].slice(0, mostTestCases);
  const truncated = testCases.length > mostTestCases;
  const shown = truncated ? kept : testCases;
  return {
    report: { ...report, status, truncated, testSummary: summarizeTests(testCases) },
    kept: { testCases: shown, coverages: [] },
  };
}

function summarizeTests(testCases: readonly TestCaseRecord[]): TestReportSummary {
  const statusCounts: Record<TestStatus, number> = { SUCCEEDED: 0, FAILED: 0, ERROR: 0, SKIPPED: 0, UNKNOWN: 0 };
  let durationInNanoSeconds = 0;
  for (const { status, durationInNanoSeconds: duration } of testCases) {
    statusCounts[status] += 1;
    durationInNanoSeconds += duration;
  }
  return { total: testCases.length, statusCounts, durationInNanoSeconds };
}

function summarizeCoverage(coverages: readonly FileCoverageRecord[]): CodeCoverageReportSummary {
  const total = { linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0 };
  for (const coverage of coverages) {
    for (const key of ["linesCovered", "linesMissed", "branchesCovered", "branchesMissed"] as const) {
      total[key] += coverage[key];
    }
  }
  return { ...total, ...percentagesOf(total) };
}

/** 0 of 0 is 0 percent. */
export function percentagesOf(counts: Omit<FileCoverageRecord, "filePath">) {
  const { linesCovered, linesMissed, branchesCovered, branchesMissed } = counts;
  return {
    lineCoveragePercentage: percentage(linesCovered, linesMissed),
    branchCoveragePercentage: percentage(branchesCovered, branchesMissed),
  };
}

function percentage(covered: number, missed: number): number {
  return covered + missed === 0 ? 0 : (covered / (covered + missed)) * 100;
}

/** The record in the shape of the API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Report.html */
export function describeReport({ id: _, groupName, groupArn, created, ...report }: ReportRecord): Report {
  return {
    ...report,
    // That a report is called like its group is a guess.
    name: groupName,
    reportGroupArn: groupArn,
    created: new Date(created),
    expired: new Date(created + lifetime),
  };
}

export function describeTestCase(testCase: TestCaseRecord, { arn, created }: ReportRecord): TestCase {
  return { reportArn: arn, ...testCase, expired: new Date(created + lifetime) };
}

export function describeCoverage(
  coverage: FileCoverageRecord,
  { arn, created }: ReportRecord,
  id: string,
): CodeCoverage {
  return { id, reportARN: arn, ...coverage, ...percentagesOf(coverage), expired: new Date(created + lifetime) };
}
