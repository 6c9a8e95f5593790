import { parseClover } from "./formats/clover.ts";
import { parseCobertura } from "./formats/cobertura.ts";
import { parseCucumber } from "./formats/cucumber.ts";
import { parseJacoco } from "./formats/jacoco.ts";
import { parseJunit } from "./formats/junit.ts";
import { parseNunit } from "./formats/nunit.ts";
import { parseNunit3 } from "./formats/nunit3.ts";
import { parseSimplecov } from "./formats/simplecov.ts";
import type { ParsedTestCase } from "./formats/test-case.ts";
import { parseTestng } from "./formats/testng.ts";
import { parseTrx } from "./formats/visual-studio-trx.ts";
import type { FileCoverageRecord, ReportContent, ReportKind } from "./report.ts";

type ReportFormat =
  | { kind: "TEST"; parse(text: string): ParsedTestCase[] }
  | { kind: "CODE_COVERAGE"; parse(text: string): FileCoverageRecord[] };

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#reports-buildspec-file */
const formats: Readonly<Record<string, ReportFormat>> = {
  CUCUMBERJSON: { kind: "TEST", parse: parseCucumber },
  JUNITXML: { kind: "TEST", parse: parseJunit },
  NUNITXML: { kind: "TEST", parse: parseNunit },
  NUNIT3XML: { kind: "TEST", parse: parseNunit3 },
  TESTNGXML: { kind: "TEST", parse: parseTestng },
  VISUALSTUDIOTRX: { kind: "TEST", parse: parseTrx },
  CLOVERXML: { kind: "CODE_COVERAGE", parse: parseClover },
  COBERTURAXML: { kind: "CODE_COVERAGE", parse: parseCobertura },
  JACOCOXML: { kind: "CODE_COVERAGE", parse: parseJacoco },
  SIMPLECOV: { kind: "CODE_COVERAGE", parse: parseSimplecov },
};

export function kindOfFormat(format: string): ReportKind {
  return getFormat(format).kind;
}

/** Reads one file into test cases or coverage. Throws ReportFileError. */
export function parseReportFile(format: string, text: string, testRawDataPath: string): ReportContent {
  const found = getFormat(format);
  if (found.kind === "CODE_COVERAGE") return { testCases: [], coverages: found.parse(text) };
  return { testCases: found.parse(text).map((testCase) => ({ ...testCase, testRawDataPath })), coverages: [] };
}

/** The buildspec's reader has refused other names. */
function getFormat(format: string): ReportFormat {
  const found = formats[format.toUpperCase()];
  if (found === undefined) throw new TypeError(`no report format ${format}`);
  return found;
}
