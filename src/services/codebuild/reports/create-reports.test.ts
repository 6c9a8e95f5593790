import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  buildspecOf,
  failureOf,
  runTestBuild,
  statusesOf,
  type TestAccount,
} from "../../../../test/builds/run-test-build.ts";
import type { ReportRecord } from "./report.ts";

const account = "arn:aws:codebuild:us-east-1:123456789012";
const good = '<testsuite name="s"><testcase classname="c" name="adds" time="1"/></testsuite>';
const bad = '<testsuite name="s"><testcase classname="c" name="falls"><failure message="no"/></testcase></testsuite>';

interface Options {
  files?: Record<string, string>;
  build?: string[];
  account?: (opened: TestAccount) => void;
}

/** A build with these reports in its buildspec; auto-discovery is off. */
async function runWithReports(
  t: TestContext,
  reports: object,
  { files = {}, build = ["true"], account }: Options = {},
) {
  const env = { variables: { CODEBUILD_CONFIG_AUTO_DISCOVER: "false" } };
  const ran = await runTestBuild(t, buildspecOf({ build }, { env, reports }), {
    files: { "a.txt": "a", ...files },
    project: { artifacts: { type: "NO_ARTIFACTS" } },
    ...(account && { account }),
  });
  return { ...ran, reports: ran.opened.codeBuild.store.reports.listReports() };
}

const summaryOf = (report: ReportRecord | undefined) => [report?.groupName, report?.status, report?.testSummary?.total];

test("a report is made of its files, in a group that the build makes, and belongs to the build", async (t) => {
  const files = { "out/a.xml": good, "out/b/b.xml": good, "out/notes.txt": "text" };
  const { build, log, reports, opened } = await runWithReports(
    t,
    { unit: { files: ["**/*"], "base-directory": "out" } },
    { files },
  );
  assert.equal(build.status, "SUCCEEDED", log);
  assert.deepEqual(reports.map(summaryOf), [["p1-unit", "SUCCEEDED", 2]]);
  const [report] = reports;
  assert.deepEqual(build.reportArns, [report?.arn]);
  assert.match(report?.arn ?? "", /^arn:aws:codebuild:us-east-1:123456789012:report\/p1-unit:[0-9a-f-]{36}$/);
  assert.equal(report?.executionId, build.arn);
  const { testCases } = opened.codeBuild.store.reports.contentOf(report as ReportRecord);
  assert.deepEqual(
    testCases.map(({ testRawDataPath }) => testRawDataPath),
    ["a.xml", "b/b.xml"],
  );
  const asked = opened.calls.filter((call) => call.startsWith("codebuild:"));
  assert.deepEqual(asked, [
    "codebuild:CreateReportGroup",
    "codebuild:CreateReport",
    "codebuild:BatchPutTestCases",
    "codebuild:UpdateReport",
  ]);
  assert.match(log, /Expanding base directory path: out\n.*Assembling file list\n.*Expanding out\n/);
});

test("a failed test fails its report and not the build", async (t) => {
  const { build, reports } = await runWithReports(t, { unit: { files: "a.xml" } }, { files: { "a.xml": bad } });
  assert.equal(build.status, "SUCCEEDED");
  assert.deepEqual(reports.map(summaryOf), [["p1-unit", "FAILED", 1]]);
});

test("a build that failed has its reports all the same", async (t) => {
  const options = { files: { "a.xml": bad }, build: ["exit 1"] };
  const { build, reports } = await runWithReports(t, { unit: { files: "a.xml" } }, options);
  assert.equal(
    failureOf(build),
    "BUILD COMMAND_EXECUTION_ERROR: Error while executing command: exit 1. Reason: exit status 1",
  );
  assert.deepEqual(reports.map(summaryOf), [["p1-unit", "FAILED", 1]]);
});

test("variables in a report's paths are the shell's, and a base directory may be a pattern", async (t) => {
  const block = { files: ["$NAME.xml"], "base-directory": "$CODEBUILD_SRC_DIR/mod*/out" };
  const options = { files: { "mod1/out/unit.xml": good, "mod2/out/unit.xml": good }, build: ["NAME=unit"] };
  assert.deepEqual((await runWithReports(t, { u: block }, options)).reports.map(summaryOf), [["p1-u", "SUCCEEDED", 2]]);
});

test("a report of files that are not there is incomplete and fails UPLOAD_ARTIFACTS", async (t) => {
  const { build, reports } = await runWithReports(t, { unit: { files: "none.xml" } });
  assert.equal(
    failureOf(build),
    "UPLOAD_ARTIFACTS CLIENT_ERROR: Error in UPLOAD_ARTIFACTS phase: [unit: [report files not found in build]]",
  );
  assert.deepEqual(reports.map(summaryOf), [["p1-unit", "INCOMPLETE", undefined]]);
});

test("a malformed file leaves its report incomplete; the log says which, where and what, and the build goes on", async (t) => {
  const files = { "r/a.xml": good, "r/b.xml": "<testsuite>\n  <testcase" };
  const { build, log, reports } = await runWithReports(t, { unit: { files: "r/*" } }, { files });
  assert.equal(build.status, "SUCCEEDED");
  assert.deepEqual(reports.map(summaryOf), [["p1-unit", "INCOMPLETE", 1]]);
  assert.match(log, /Warning: report p1-unit is incomplete: r\/b\.xml:2:\d+: /);
});

test("of more than 500 tests those that failed are kept first", async (t) => {
  const many = Array.from(
    { length: 600 },
    (_, index) => `<testcase name="t${index}">${index >= 590 ? "<failure/>" : ""}</testcase>`,
  );
  const files = { "a.xml": `<testsuite name="s">${many.join("")}</testsuite>` };
  const { reports, opened } = await runWithReports(t, { unit: { files: "a.xml" } }, { files });
  const [report] = reports;
  const { testCases } = opened.codeBuild.store.reports.contentOf(report as ReportRecord);
  assert.deepEqual([report?.truncated, report?.testSummary?.total, testCases.length], [true, 600, 500]);
  assert.equal(testCases.filter(({ status }) => status === "FAILED").length, 10);
});

test("a role without a permission loses the report, and UPLOAD_ARTIFACTS says which", async (t) => {
  for (const action of ["CreateReportGroup", "CreateReport", "BatchPutTestCases", "UpdateReport"]) {
    const account = (opened: TestAccount) => void opened.denied.add(`codebuild:${action}`);
    const { build, reports } = await runWithReports(
      t,
      { unit: { files: "a.xml" } },
      { files: { "a.xml": good }, account },
    );
    const words = action === "CreateReportGroup" ? "error creating report group: AccessDenied" : "AccessDenied";
    const failure = `UPLOAD_ARTIFACTS CLIENT_ERROR: Error in UPLOAD_ARTIFACTS phase: [unit: [${words}Exception: `;
    assert.equal(failureOf(build).slice(0, failure.length), failure, action);
    assert.deepEqual(
      reports.map(({ status }) => status),
      action.startsWith("CreateReport") ? [] : ["INCOMPLETE"],
    );
  }
});

test("a group is named by its ARN, exports raw files, and must be of the format's type", async (t) => {
  const group =
    (packaging: string, type: "TEST" | "CODE_COVERAGE" = "TEST") =>
    (opened: TestAccount) =>
      opened.codeBuild.store.reports.groups.put("mine", {
        ...{ name: "mine", arn: `${account}:report-group/mine`, type, tags: [], created: 1, lastModified: 1 },
        exportConfig: {
          exportConfigType: "S3",
          s3Destination: { bucket: "b", path: "raw/", packaging: packaging as "ZIP" },
        },
      });
  const reports = { [`${account}:report-group/mine`]: { files: "r/*.xml", "discard-paths": "yes" } };
  const files = { "r/a.xml": good };
  const plain = await runWithReports(t, reports, { files, account: group("NONE") });
  assert.equal(plain.build.status, "SUCCEEDED", plain.log);
  const uuid = plain.reports[0]?.id.split(":")[1];
  assert.equal(plain.opened.objects.get(`b/raw/mine/${uuid}/a.xml`)?.toString(), good);
  const zipped = await runWithReports(t, reports, { files, account: group("ZIP") });
  assert.ok([...zipped.opened.objects.keys()].some((key) => /^b\/raw\/mine\/[0-9a-f-]{36}\.zip$/.test(key)));
  const wrong = await runWithReports(t, reports, { files, account: group("NONE", "CODE_COVERAGE") });
  assert.match(failureOf(wrong.build), /JUNITXML is a format of TEST, and the report group is of CODE_COVERAGE/);
  const none = await runWithReports(t, reports, { files });
  assert.match(failureOf(none.build), /ResourceNotFoundException: Report group does not exist/);
});

test("coverage is summed up over its files", async (t) => {
  const line = (number: number, hits: number) => `<line number="${number}" hits="${hits}"/>`;
  const text = `<coverage line-rate="1"><class filename="a.py"><lines>${line(1, 1)}${line(2, 0)}</lines></class><class filename="b.py"><lines>${line(1, 1)}${line(2, 1)}</lines></class></coverage>`;
  const block = { files: "c.xml", "file-format": "CoberturaXml" };
  const { reports, opened } = await runWithReports(t, { cov: block }, { files: { "c.xml": text } });
  assert.deepEqual(reports[0]?.codeCoverageSummary, {
    ...{ linesCovered: 3, linesMissed: 1, branchesCovered: 0, branchesMissed: 0 },
    ...{ lineCoveragePercentage: 75, branchCoveragePercentage: 0 },
  });
  assert.ok(opened.calls.includes("codebuild:BatchPutCodeCoverages"));
});

test("nothing outside of the source directory is read into a report", async (t) => {
  const build = [
    "mkdir ../out && printf '<testsuite/>' > ../out/x.xml && ln -s ../out/x.xml link.xml && ln -s ../out dir",
  ];
  for (const block of [
    { files: "*.xml" },
    { files: "*", "base-directory": "dir" },
    { files: "*", "base-directory": "../out" },
  ]) {
    const { build: record } = await runWithReports(t, { unit: block }, { build });
    assert.match(failureOf(record), /\[unit: \[report files not found in build\]\]/, JSON.stringify(block));
  }
});

test("secrets in a test's message are masked before it is kept", async (t) => {
  const text = good.replace("/></testsuite>", '><failure message="password correct-horse"/></testcase></testsuite>');
  const env = { "secrets-manager": { PASSWORD: "hub:password" } };
  const { opened } = await runTestBuild(
    t,
    buildspecOf({ build: ["true"] }, { env, reports: { unit: { files: "a.xml" } } }),
    {
      files: { "a.xml": text },
      project: { artifacts: { type: "NO_ARTIFACTS" } },
    },
  );
  const [report] = opened.codeBuild.store.reports.listReports();
  const [testCase] = opened.codeBuild.store.reports.contentOf(report as ReportRecord).testCases;
  assert.equal(testCase?.message, "password ***");
});

const discovered = {
  files: {
    "deep/junit.xml": good,
    "pom.xml": "<project/>",
    "package.json": "{}",
    "c.json": '{"RSpec": {"coverage": {"a.rb": [1]}}}',
  },
  project: { artifacts: { type: "NO_ARTIFACTS" } },
};

test("reports that no buildspec names are found, and put into groups of their formats", async (t) => {
  const { build, log, opened } = await runTestBuild(t, buildspecOf({ build: ["true"] }), discovered);
  assert.equal(statusesOf(build).UPLOAD_ARTIFACTS, "SUCCEEDED", log);
  const names = opened.codeBuild.store.reports.listReports().map(({ groupName }) => groupName);
  assert.deepEqual(names.sort(), ["p1-JUNITXML-AutoDiscovered", "p1-SIMPLECOV-AutoDiscovered"]);
  assert.match(
    log,
    /Expanding \*\*\/\*\n\[Container\] \S+ \S+ Found 2 file\(s\)\n.*Report auto-discover file discovery took 0\.\d{6} seconds\n/,
  );
});

test("auto-discovery leaves to the buildspec what is there, and stays below the directory that a variable names", async (t) => {
  const buildspec = buildspecOf(
    { build: ["export CODEBUILD_CONFIG_AUTO_DISCOVER_DIR=deep"] },
    { reports: { unit: { files: "deep/*" } } },
  );
  const { opened, log } = await runTestBuild(t, buildspec, discovered);
  assert.deepEqual(
    opened.codeBuild.store.reports.listReports().map(({ groupName }) => groupName),
    ["p1-unit"],
  );
  assert.match(log, /Expanding deep\n.*No matching auto-discover report paths found\n/);
});

test("auto-discovery is turned off by a command too, and a role that may not costs the report only", async (t) => {
  const off = await runTestBuild(t, buildspecOf({ build: ["CODEBUILD_CONFIG_AUTO_DISCOVER=false"] }), discovered);
  assert.doesNotMatch(off.log, /auto-discover/);
  const denied = await runTestBuild(t, buildspecOf({ build: ["true"] }), {
    ...discovered,
    account: (opened) => void opened.denied.add("codebuild:CreateReportGroup"),
  });
  assert.equal(denied.build.status, "SUCCEEDED");
  assert.match(
    denied.log,
    /Warning: no report of the JUNITXML files that were found: error creating report group: AccessDeniedException/,
  );
});
