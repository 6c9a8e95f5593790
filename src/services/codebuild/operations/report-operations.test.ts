import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openOperations } from "../../../../test/builds/call-operations.ts";
import { account, region } from "../../../../test/builds/run-test-build.ts";
import type { ReportRecord, TestCaseRecord } from "../reports/report.ts";

const prefix = `arn:aws:codebuild:${region}:${account}`;
const groupArn = `${prefix}:report-group/unit`;
const day = 24 * 3600_000;

function open(t: TestContext) {
  const { call, opened } = openOperations(t);
  const { codeBuild } = opened;
  const { reports } = codeBuild.store;
  const putReport = (uuid: string, changes: Partial<ReportRecord> = {}, testCases: TestCaseRecord[] = []) => {
    const id = `unit:${uuid}`;
    const record: ReportRecord = {
      ...{ id, arn: `${prefix}:report/${id}`, type: "TEST", groupName: "unit", groupArn, executionId: "build" },
      ...{ status: "SUCCEEDED", created: Date.now(), exportConfig: {}, truncated: false },
      ...changes,
    };
    reports.putReport(record, { testCases, coverages: [] });
    return record.arn;
  };
  return { call, reports, putReport };
}

const unit = { name: "unit", type: "TEST", exportConfig: { exportConfigType: "NO_EXPORT" } } as const;

test("a report group is created, updated, found, listed and deleted", async (t) => {
  const { call } = open(t);
  const { reportGroup } = await call("CreateReportGroup", { ...unit, tags: [{ key: "a", value: "b" }] });
  assert.deepEqual([reportGroup?.arn, reportGroup?.status, reportGroup?.type], [groupArn, "ACTIVE", "TEST"]);
  await assert.rejects(call("CreateReportGroup", unit), { name: "ResourceAlreadyExistsException" });
  const exportConfig = { exportConfigType: "S3", s3Destination: { bucket: "b", path: "p" } } as const;
  const updated = await call("UpdateReportGroup", { arn: groupArn, exportConfig });
  assert.deepEqual(updated.reportGroup?.exportConfig?.s3Destination, {
    ...{ bucket: "b", path: "p", packaging: "NONE", encryptionDisabled: false },
  });
  assert.deepEqual(updated.reportGroup?.tags, [{ key: "a", value: "b" }]);
  await call("CreateReportGroup", { ...unit, name: "cover", type: "CODE_COVERAGE" });
  assert.deepEqual((await call("ListReportGroups", { sortBy: "NAME", sortOrder: "DESCENDING" })).reportGroups, [
    groupArn,
    `${prefix}:report-group/cover`,
  ]);
  const first = await call("ListReportGroups", { maxResults: 1 });
  assert.equal((await call("ListReportGroups", { nextToken: first.nextToken })).reportGroups?.length, 1);
  const found = await call("BatchGetReportGroups", { reportGroupArns: [groupArn, "none"] });
  assert.deepEqual([found.reportGroups?.length, found.reportGroupsNotFound], [1, ["none"]]);
  await call("DeleteReportGroup", { arn: groupArn });
  await call("DeleteReportGroup", { arn: groupArn });
  await assert.rejects(call("UpdateReportGroup", { arn: groupArn }), { name: "ResourceNotFoundException" });
});

const wrong: { title: string; input: object; message: RegExp }[] = [
  { title: "a name of one letter", input: { name: "u" }, message: /'u' at 'name' .* greater than or equal to 2$/ },
  {
    title: "a type that there is not",
    input: { type: "TESTS" },
    message: /'TESTS' at 'type' .*enum value set: \[TEST, CODE_COVERAGE\]$/,
  },
  { title: "a name with a slash", input: { name: "a/b" }, message: /^Invalid report group name: a\/b$/ },
  {
    title: "an export without a bucket",
    input: { exportConfig: { exportConfigType: "S3" } },
    message: /bucket of s3Destination/,
  },
  {
    title: "an export that there is not",
    input: { exportConfig: { exportConfigType: "FTP" } },
    message: /'exportConfig\.exportConfigType'/,
  },
];
for (const { title, input, message } of wrong) {
  test(`a report group with ${title} is refused`, async (t) => {
    await assert.rejects(open(t).call("CreateReportGroup", { ...unit, ...input }), { message });
  });
}

test("a group with reports is deleted only where its reports may go", async (t) => {
  const { call, putReport, reports } = open(t);
  await call("CreateReportGroup", unit);
  putReport("1");
  await assert.rejects(call("DeleteReportGroup", { arn: groupArn }), {
    name: "InvalidInputException",
    message: /has reports/,
  });
  await call("DeleteReportGroup", { arn: groupArn, deleteReports: true });
  assert.deepEqual(reports.listReports(), []);
});

test("reports are listed newest first, by status, and for one group; an old one is gone", async (t) => {
  const { call, putReport } = open(t);
  await call("CreateReportGroup", unit);
  const now = Date.now();
  const older = putReport("1", { created: now - day, status: "FAILED" });
  const newer = putReport("2", { created: now });
  putReport("3", { created: now - 30 * day });
  assert.deepEqual((await call("ListReports", {})).reports, [newer, older]);
  assert.deepEqual((await call("ListReports", { filter: { status: "FAILED" } })).reports, [older]);
  const ascending = { reportGroupArn: groupArn, sortOrder: "ASCENDING" } as const;
  assert.deepEqual((await call("ListReportsForReportGroup", ascending)).reports, [older, newer]);
  await assert.rejects(call("ListReportsForReportGroup", { reportGroupArn: "none" }), {
    name: "ResourceNotFoundException",
  });
  const { reports = [], reportsNotFound } = await call("BatchGetReports", { reportArns: [older, "none"] });
  assert.deepEqual([reports[0]?.status, reports[0]?.reportGroupArn, reportsNotFound], ["FAILED", groupArn, ["none"]]);
  assert.equal(reports[0]?.expired?.getTime(), now + 29 * day);
  await call("DeleteReport", { arn: older });
  assert.deepEqual((await call("ListReports", {})).reports, [newer]);
  await assert.rejects(call("DeleteReport", { arn: groupArn }), { name: "InvalidInputException" });
  await assert.rejects(call("ListReports", { maxResults: 101 }), {
    name: "ValidationException",
    message: /less than or equal to 100/,
  });
});

test("test cases are filtered by status and keyword, and come in pages", async (t) => {
  const { call, putReport } = open(t);
  const testCases = Array.from(
    { length: 120 },
    (_, index): TestCaseRecord => ({
      ...{
        name: `t${index}`,
        prefix: index < 10 ? "slow.Class" : "Class",
        testSuiteName: "s",
        durationInNanoSeconds: 1,
      },
      ...{ status: index % 40 === 0 ? "FAILED" : "SUCCEEDED", message: "", testRawDataPath: "a.xml" },
    }),
  );
  const reportArn = putReport("1", {}, testCases);
  const names = async (filter: object) =>
    (await call("DescribeTestCases", { reportArn, filter })).testCases?.map(({ name }) => name);
  assert.deepEqual(await names({ status: "FAILED" }), ["t0", "t40", "t80"]);
  assert.deepEqual(await names({ status: "FAILED", keyword: "slow" }), ["t0"]);
  assert.equal((await names({ keyword: "t11" }))?.length, 11);
  const first = await call("DescribeTestCases", { reportArn });
  const second = await call("DescribeTestCases", { reportArn, nextToken: first.nextToken });
  assert.deepEqual([first.testCases?.length, second.testCases?.length, second.nextToken], [100, 20, undefined]);
  await assert.rejects(call("DescribeTestCases", { reportArn: "none" }), { name: "ResourceNotFoundException" });
  await assert.rejects(call("DescribeCodeCoverages", { reportArn }), {
    name: "InvalidInputException",
    message: /of type TEST/,
  });
});

test("code coverage is sorted by file or percentage, and filtered by bounds", async (t) => {
  const { call, reports, putReport } = open(t);
  const reportArn = putReport("1", { type: "CODE_COVERAGE" });
  const file = (filePath: string, linesCovered: number) => ({
    ...{ filePath, linesCovered, linesMissed: 10 - linesCovered, branchesCovered: 1, branchesMissed: 1 },
  });
  const report = reports.findReport(reportArn) as ReportRecord;
  reports.putReport(report, { testCases: [], coverages: [file("b", 9), file("a", 5), file("c", 1)] });
  const paths = async (input: object) =>
    (await call("DescribeCodeCoverages", { reportArn, ...input })).codeCoverages?.map(({ filePath }) => filePath);
  assert.deepEqual(await paths({}), ["c", "a", "b"]);
  assert.deepEqual(await paths({ sortBy: "FILE_PATH", sortOrder: "DESCENDING" }), ["c", "b", "a"]);
  assert.deepEqual(await paths({ minLineCoveragePercentage: 20, maxLineCoveragePercentage: 60 }), ["a"]);
  const { codeCoverages: [first] = [] } = await call("DescribeCodeCoverages", { reportArn });
  assert.deepEqual(
    [first?.lineCoveragePercentage, first?.branchCoveragePercentage, first?.reportARN],
    [10, 50, reportArn],
  );
  await assert.rejects(paths({ minLineCoveragePercentage: 101 }), { name: "InvalidInputException" });
});

test("a trend is the average, least and most of the newest reports that have results", async (t) => {
  const { call, putReport } = open(t);
  await call("CreateReportGroup", unit);
  const now = Date.now();
  const summary = (passed: number) => ({
    ...{ total: 4, statusCounts: { SUCCEEDED: passed }, durationInNanoSeconds: passed * 10 },
  });
  putReport("1", { created: now - 3, testSummary: summary(1) });
  const second = putReport("2", { created: now - 2, testSummary: summary(2) });
  const third = putReport("3", { created: now - 1, testSummary: summary(4) });
  putReport("4", { created: now, status: "INCOMPLETE" });
  const input = { reportGroupArn: groupArn, trendField: "PASS_RATE", numOfReports: 3 } as const;
  assert.deepEqual(await call("GetReportGroupTrend", input), {
    stats: { average: "75", max: "100", min: "50" },
    rawData: [
      { reportArn: third, data: "100" },
      { reportArn: second, data: "50" },
    ],
  });
  const wrongField = call("GetReportGroupTrend", { reportGroupArn: groupArn, trendField: "LINE_COVERAGE" });
  await assert.rejects(wrongField, { name: "InvalidInputException", message: /PASS_RATE, DURATION, TOTAL/ });
});
