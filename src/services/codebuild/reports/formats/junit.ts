import type { TestStatus } from "../report.ts";
import { childrenOf, findChild, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";
import { failureMessage, nanoseconds, type ParsedTestCase } from "./test-case.ts";

/** https://github.com/testmoapp/junitxml: `testsuites > testsuite (> testsuite) > testcase`. */
export function parseJunit(text: string): ParsedTestCase[] {
  const root = parseXmlOf(text, "testsuites", "testsuite");
  return root.name === "testsuite" ? casesOfSuite(root) : childrenOf(root, "testsuite").flatMap(casesOfSuite);
}

function casesOfSuite(suite: XmlElement): ParsedTestCase[] {
  const suiteName = suite.attributes.name ?? "";
  const own = childrenOf(suite, "testcase").map((testCase) => readCase(testCase, suiteName));
  return [...own, ...childrenOf(suite, "testsuite").flatMap(casesOfSuite)];
}

const outcomes: readonly (readonly [string, TestStatus])[] = [
  ["error", "ERROR"],
  ["failure", "FAILED"],
  ["skipped", "SKIPPED"],
];

function readCase(testCase: XmlElement, testSuiteName: string): ParsedTestCase {
  const [name, status] = outcomes.find(([child]) => findChild(testCase, child) !== undefined) ?? ["", "SUCCEEDED"];
  const detail = findChild(testCase, name);
  return {
    name: testCase.attributes.name ?? "",
    prefix: testCase.attributes.classname ?? "",
    testSuiteName,
    status,
    durationInNanoSeconds: nanoseconds(numberOf(testCase, "time")),
    message: failureMessage(detail?.attributes.message, detail?.text),
  };
}
