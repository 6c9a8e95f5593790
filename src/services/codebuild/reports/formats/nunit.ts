import type { TestStatus } from "../report.ts";
import { childrenOf, findChild, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";
import { failureMessage, nanoseconds, type ParsedTestCase } from "./test-case.ts";

const statuses: Readonly<Record<string, TestStatus>> = {
  Success: "SUCCEEDED",
  Failure: "FAILED",
  Error: "ERROR",
  Invalid: "ERROR",
  NotRunnable: "ERROR",
  Ignored: "SKIPPED",
  Skipped: "SKIPPED",
};

/** NUnit 2: `test-results > test-suite > results > (test-suite | test-case)`. https://docs.nunit.org/2.6.4/files/testResult.xml */
export function parseNunit(text: string): ParsedTestCase[] {
  return casesBelow(parseXmlOf(text, "test-results"), "");
}

function casesBelow(element: XmlElement, suiteName: string): ParsedTestCase[] {
  const inside = [element, ...childrenOf(element, "results")];
  return inside.flatMap((part) => [
    ...childrenOf(part, "test-case").map((testCase) => readCase(testCase, suiteName)),
    ...childrenOf(part, "test-suite").flatMap((suite) => casesBelow(suite, suite.attributes.name ?? "")),
  ]);
}

function readCase(testCase: XmlElement, testSuiteName: string): ParsedTestCase {
  const { name: whole = "", result, success, executed } = testCase.attributes;
  const { prefix, name } = splitName(whole);
  const detail = findChild(testCase, "failure") ?? findChild(testCase, "reason");
  return {
    name,
    prefix,
    testSuiteName,
    status: result === undefined ? statusWithoutResult(success, executed) : (statuses[result] ?? "UNKNOWN"),
    durationInNanoSeconds: nanoseconds(numberOf(testCase, "time")),
    message: failureMessage(findChild(detail, "message")?.text, findChild(detail, "stack-trace")?.text),
  };
}

/** Versions before 2.5 say no more. */
function statusWithoutResult(success: string | undefined, executed: string | undefined): TestStatus {
  if (executed === "False") return "SKIPPED";
  if (success === undefined) return "UNKNOWN";
  return success === "True" ? "SUCCEEDED" : "FAILED";
}

/** `Namespace.Class.Method(1.5)`: the point inside of arguments parts nothing. */
export function splitName(whole: string): { prefix: string; name: string } {
  const place = whole.replace(/\(.*$/s, "").lastIndexOf(".");
  return place < 0 ? { prefix: "", name: whole } : { prefix: whole.slice(0, place), name: whole.slice(place + 1) };
}
