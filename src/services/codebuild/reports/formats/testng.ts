import type { TestStatus } from "../report.ts";
import { descendantsOf, findChild, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";
import { failureMessage, type ParsedTestCase } from "./test-case.ts";

const statuses: Readonly<Record<string, TestStatus>> = { PASS: "SUCCEEDED", FAIL: "FAILED", SKIP: "SKIPPED" };

/** `testng-results > suite > test > class > test-method`. https://testng.org/#_xml_reports */
export function parseTestng(text: string): ParsedTestCase[] {
  const root = parseXmlOf(text, "testng-results");
  return descendantsOf(root, "suite").flatMap((suite) =>
    descendantsOf(suite, "class").flatMap((testClass) => casesOfClass(testClass, suite.attributes.name ?? "")),
  );
}

function casesOfClass(testClass: XmlElement, testSuiteName: string): ParsedTestCase[] {
  // What prepares a test and cleans up after it is no test.
  const methods = testClass.children.filter(
    ({ name, attributes }) => name === "test-method" && attributes["is-config"] !== "true",
  );
  return methods.map((method) => {
    const exception = findChild(method, "exception");
    const trace = findChild(exception, "full-stacktrace") ?? findChild(exception, "short-stacktrace");
    return {
      name: method.attributes.name ?? "",
      prefix: testClass.attributes.name ?? "",
      testSuiteName,
      status: statuses[method.attributes.status ?? ""] ?? "UNKNOWN",
      durationInNanoSeconds: Math.round(numberOf(method, "duration-ms") * 1e6),
      message: failureMessage(findChild(exception, "message")?.text, trace?.text),
    };
  });
}
