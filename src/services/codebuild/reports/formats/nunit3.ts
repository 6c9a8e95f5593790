import type { TestStatus } from "../report.ts";
import { childrenOf, findChild, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";
import { failureMessage, nanoseconds, type ParsedTestCase } from "./test-case.ts";

/** NUnit 3: `test-run > test-suite > … > test-case`. https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html */
export function parseNunit3(text: string): ParsedTestCase[] {
  return casesBelow(parseXmlOf(text, "test-run"), "");
}

function casesBelow(element: XmlElement, suiteName: string): ParsedTestCase[] {
  return [
    ...childrenOf(element, "test-case").map((testCase) => readCase(testCase, suiteName)),
    ...childrenOf(element, "test-suite").flatMap((suite) => casesBelow(suite, suite.attributes.name ?? "")),
  ];
}

function readCase(testCase: XmlElement, testSuiteName: string): ParsedTestCase {
  const { name = "", classname = "", result = "", label = "" } = testCase.attributes;
  const detail = findChild(testCase, "failure") ?? findChild(testCase, "reason");
  return {
    name,
    prefix: classname,
    testSuiteName,
    status: statusOf(result, label),
    durationInNanoSeconds: nanoseconds(numberOf(testCase, "duration")),
    message: failureMessage(findChild(detail, "message")?.text, findChild(detail, "stack-trace")?.text),
  };
}

function statusOf(result: string, label: string): TestStatus {
  if (result === "Passed" || result === "Warning") return "SUCCEEDED";
  if (result === "Skipped") return "SKIPPED";
  if (result !== "Failed") return "UNKNOWN";
  return label === "Error" || label === "Invalid" ? "ERROR" : "FAILED";
}
