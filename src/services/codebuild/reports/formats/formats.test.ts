import assert from "node:assert/strict";
import { test } from "node:test";
import { recognizeFormat } from "../recognize-format.ts";
import { ReportFileError } from "../report-file-error.ts";
import { parseReportFile } from "../report-format.ts";

/** `STATUS suite/prefix/name duration message`. */
const casesOf = (format: string, text: string) =>
  parseReportFile(format, text, "f").testCases.map(
    ({ status, testSuiteName, prefix, name, durationInNanoSeconds, message }) =>
      `${status} ${testSuiteName}/${prefix}/${name} ${durationInNanoSeconds} ${message}`.trimEnd(),
  );

/** `file lines branches` as covered/missed. */
const coverageOf = (format: string, text: string) =>
  parseReportFile(format, text, "f").coverages.map(
    ({ filePath, linesCovered, linesMissed, branchesCovered, branchesMissed }) =>
      `${filePath} ${linesCovered}/${linesMissed} ${branchesCovered}/${branchesMissed}`,
  );

const junit = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand --><testsuites><testsuite name="outer" tests="4">
<testcase classname="a.B" name="adds" time="0.25"/>
<testcase classname="a.B" name="subtracts" time="1,000.5"><failure message="1 &lt; 2" type="X"><![CDATA[at line <7>]]></failure></testcase>
<testsuite name="inner"><testcase name="waits"><skipped/></testcase>
<testcase classname="c" name="falls"><error>boom</error><system-out>noise</system-out></testcase></testsuite>
</testsuite></testsuites>`;

test("JUnit: suites within suites, failures, errors and skipped tests", () => {
  assert.deepEqual(casesOf("JUNITXML", junit), [
    "SUCCEEDED outer/a.B/adds 250000000",
    "FAILED outer/a.B/subtracts 1000500000000 1 < 2\nat line <7>",
    "SKIPPED inner//waits 0",
    "ERROR inner/c/falls 0 boom",
  ]);
  assert.deepEqual(casesOf("junitxml", '<testsuite name="s"><testcase name="t"/></testsuite>'), ["SUCCEEDED s//t 0"]);
});

const nunit = `<test-results name="x.dll"><test-suite type="Assembly" name="x.dll"><results><test-suite name="Sums"><results>
<test-case name="N.Sums.Add(1.5)" executed="True" result="Success" success="True" time="0.010"/>
<test-case name="N.Sums.Sub" executed="True" result="Failure" success="False"><failure><message><![CDATA[wrong]]></message><stack-trace>at N</stack-trace></failure></test-case>
<test-case name="N.Sums.Old" executed="False" result="Ignored"><reason><message>later</message></reason></test-case>
<test-case name="N.Sums.Bad" executed="True" result="Error"/>
<test-case name="N.Sums.Older" executed="True" success="False"/>
<test-case name="N.Sums.Odd" executed="True" result="Inconclusive"/>
</results></test-suite></results></test-suite></test-results>`;

test("NUnit 2: results by name, and by success where an old version has no result", () => {
  assert.deepEqual(casesOf("NUNITXML", nunit), [
    "SUCCEEDED Sums/N.Sums/Add(1.5) 10000000",
    "FAILED Sums/N.Sums/Sub 0 wrong\nat N",
    "SKIPPED Sums/N.Sums/Old 0 later",
    "ERROR Sums/N.Sums/Bad 0",
    "FAILED Sums/N.Sums/Older 0",
    "UNKNOWN Sums/N.Sums/Odd 0",
  ]);
});

const nunit3 = `<test-run id="2"><test-suite name="x"><test-suite name="Sums">
<test-case name="Add" classname="N.Sums" result="Passed" duration="0.5"/>
<test-case name="Sub" classname="N.Sums" result="Failed"><failure><message>wrong</message></failure></test-case>
<test-case name="Bad" classname="N.Sums" result="Failed" label="Error"/>
<test-case name="Old" classname="N.Sums" result="Skipped" label="Ignored"/>
<test-case name="Odd" classname="N.Sums" result="Inconclusive"/></test-suite></test-suite></test-run>`;

test("NUnit 3: a failure's label tells an error from it", () => {
  assert.deepEqual(casesOf("NUNIT3XML", nunit3), [
    "SUCCEEDED Sums/N.Sums/Add 500000000",
    "FAILED Sums/N.Sums/Sub 0 wrong",
    "ERROR Sums/N.Sums/Bad 0",
    "SKIPPED Sums/N.Sums/Old 0",
    "UNKNOWN Sums/N.Sums/Odd 0",
  ]);
});

const testng = `<testng-results><suite name="All"><test name="t"><class name="a.B">
<test-method status="PASS" name="setUp" is-config="true" duration-ms="9"/>
<test-method status="PASS" name="adds" duration-ms="12"/>
<test-method status="FAIL" name="subtracts"><exception class="E"><message>wrong</message><full-stacktrace>wrong at a.B</full-stacktrace></exception></test-method>
<test-method status="SKIP" name="waits"/></class></test></suite></testng-results>`;

test("TestNG: methods that only prepare are no tests", () => {
  assert.deepEqual(casesOf("TESTNGXML", testng), [
    "SUCCEEDED All/a.B/adds 12000000",
    "FAILED All/a.B/subtracts 0 wrong at a.B",
    "SKIPPED All/a.B/waits 0",
  ]);
});

const trx = `<TestRun name="run" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testId="1" testName="Add" outcome="Passed" duration="01:00:01.5000000"/>
<UnitTestResult testId="2" testName="Sub" outcome="Failed"><Output><ErrorInfo><Message>wrong</Message><StackTrace>at N</StackTrace></ErrorInfo></Output></UnitTestResult>
<UnitTestResult testId="3" testName="Old" outcome="NotExecuted"/><UnitTestResult testId="4" testName="Slow" outcome="Timeout"/></Results>
<TestDefinitions><UnitTest id="1"><TestMethod className="N.Sums, X, Version=1.0"/></UnitTest></TestDefinitions></TestRun>`;

test("Visual Studio: classes come from the definitions, durations from a clock", () => {
  assert.deepEqual(casesOf("VISUALSTUDIOTRX", trx), [
    "SUCCEEDED run/N.Sums/Add 3601500000000",
    "FAILED run//Sub 0 wrong\nat N",
    "SKIPPED run//Old 0",
    "ERROR run//Slow 0",
  ]);
});

const step = (status: string, rest: object = {}) => ({ keyword: "Given ", result: { status, duration: 5, ...rest } });
const cucumber = JSON.stringify([
  {
    keyword: "Feature",
    name: "Sums",
    elements: [
      { type: "background", name: "b", steps: [step("passed")] },
      { type: "scenario", name: "adds", before: [step("passed")], steps: [step("passed")] },
      { type: "scenario", name: "subtracts", steps: [step("failed", { error_message: "wrong" }), step("skipped")] },
      { type: "scenario", name: "waits", steps: [step("pending")] },
      { type: "scenario", name: "unwritten", steps: [step("undefined")] },
    ],
  },
]);

test("Cucumber: a scenario is what its steps and hooks make of it", () => {
  assert.deepEqual(casesOf("CUCUMBERJSON", cucumber), [
    "SUCCEEDED Sums/Sums/adds 10",
    "FAILED Sums/Sums/subtracts 10 wrong",
    "SKIPPED Sums/Sums/waits 5",
    "UNKNOWN Sums/Sums/unwritten 5",
  ]);
});

const clover = `<coverage generated="1" clover="4.4"><project><package name="p"><file name="a.ts" path="/s/a.ts">
<metrics statements="4" coveredstatements="3" conditionals="2" coveredconditionals="1"/></file>
<file name="b.ts"><line num="1" type="stmt" count="2"/><line num="2" type="stmt" count="0"/><line num="3" type="cond" truecount="1" falsecount="0"/></file>
</package></project></coverage>`;

test("Clover: by its metrics, or by its lines where there are none", () => {
  assert.deepEqual(coverageOf("CLOVERXML", clover), ["/s/a.ts 3/1 1/1", "b.ts 1/1 1/1"]);
});

const cobertura = `<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.5"><packages><package><classes>
<class name="A" filename="a.py"><methods><method><lines><line number="1" hits="1"/></lines></method></methods>
<lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class name="A$1" filename="a.py"><lines><line number="9" hits="3"/></lines></class></classes></package></packages></coverage>`;

test("Cobertura: classes of one file are one, and a line counts once", () => {
  assert.deepEqual(coverageOf("COBERTURAXML", cobertura), ["a.py 2/1 1/1"]);
});

const jacoco = `<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"><sessioninfo id="1"/><group name="g">
<package name="a/b"><sourcefile name="C.java"><line nr="1"/><counter type="LINE" missed="2" covered="5"/><counter type="BRANCH" missed="1" covered="3"/></sourcefile></package></group></report>`;

test("JaCoCo: source files below their packages, in groups as well", () => {
  assert.deepEqual(coverageOf("JACOCOXML", jacoco), ["a/b/C.java 5/2 3/1"]);
});

const simplecov = JSON.stringify({
  RSpec: {
    coverage: { "/a.rb": { lines: [1, 0, null, "ignored"], branches: { "[:if]": { "[:then]": 1, "[:else]": 0 } } } },
  },
  Cucumber: { coverage: { "/a.rb": { lines: [0, 2, null] }, "/old.rb": [1, null, 0] } },
});

test("SimpleCov: the sets of several commands are joined, and old lists of lines read", () => {
  assert.deepEqual(coverageOf("SIMPLECOV", simplecov), ["/a.rb 2/0 1/1", "/old.rb 1/1 0/0"]);
});

for (const [format, text] of Object.entries({
  ...{ JUNITXML: junit, NUNITXML: nunit, NUNIT3XML: nunit3, TESTNGXML: testng, VISUALSTUDIOTRX: trx },
  ...{ CUCUMBERJSON: cucumber, CLOVERXML: clover, COBERTURAXML: cobertura, JACOCOXML: jacoco, SIMPLECOV: simplecov },
})) {
  test(`a file's beginning shows that it is ${format}`, () => assert.equal(recognizeFormat(text), format));
}

test("what is no report is not taken for one", () => {
  for (const text of ["", "<project/>", "<coverage/>", "<report/>", '{"name": "x"}', "[1]", "binary \0"]) {
    assert.equal(recognizeFormat(text), undefined, text);
  }
});

const bomb = `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<testsuite name="s"><testcase name="&b;"/></testsuite>`;
const external = `<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="s"><testcase name="&x;"/></testsuite>`;

const malformed: { title: string; format: string; text: string; line?: number; message: RegExp }[] = [
  { title: "cut off", format: "JUNITXML", text: '<testsuite>\n<testcase name="a">', line: 2, message: /unclosed tag/ },
  { title: "empty", format: "JUNITXML", text: "", line: 1, message: /document/ },
  {
    title: "of another kind",
    format: "JUNITXML",
    text: "<html/>",
    line: 1,
    message: /^expected <testsuites> or <testsuite>, found <html>$/,
  },
  { title: "with an entity bomb", format: "JUNITXML", text: bomb, line: 2, message: /undefined entity/ },
  { title: "with an external entity", format: "JUNITXML", text: external, line: 1, message: /undefined entity/ },
  {
    title: "nested too deeply",
    format: "JUNITXML",
    text: "<testsuite>".repeat(600),
    line: 1,
    message: /deeper than 500/,
  },
  { title: "that is not JSON", format: "CUCUMBERJSON", text: '[\n  {"a": }', line: 2, message: /^not JSON$/ },
  { title: "that is no list", format: "CUCUMBERJSON", text: "{}", message: /^expected a list of features$/ },
  {
    title: "without coverage",
    format: "SIMPLECOV",
    text: '{"RSpec": {}}',
    message: /^the result set RSpec has no coverage$/,
  },
];

for (const { title, format, text, line, message } of malformed) {
  test(`a file ${title} is refused with its place`, () => {
    assert.throws(
      () => parseReportFile(format, text, "f"),
      (error) => {
        assert.ok(error instanceof ReportFileError, String(error));
        assert.match(error.message, message);
        assert.equal(error.line, line);
        return true;
      },
    );
  });
}
