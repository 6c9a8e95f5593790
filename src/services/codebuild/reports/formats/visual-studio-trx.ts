import type { TestStatus } from "../report.ts";
import { descendantsOf, findChild, parseXmlOf, type XmlElement } from "../xml-document.ts";
import { failureMessage, nanoseconds, type ParsedTestCase } from "./test-case.ts";

const statuses: Readonly<Record<string, TestStatus>> = {
  Passed: "SUCCEEDED",
  Failed: "FAILED",
  Error: "ERROR",
  Timeout: "ERROR",
  Aborted: "ERROR",
  NotExecuted: "SKIPPED",
  NotRunnable: "SKIPPED",
};

/** `TestRun > Results > UnitTestResult`, and `TestDefinitions` with their classes. Schema: vstst.xsd of Visual Studio. */
export function parseTrx(text: string): ParsedTestCase[] {
  const root = parseXmlOf(text, "TestRun");
  const classes = new Map(
    descendantsOf(root, "UnitTest").map((test) => [
      test.attributes.id ?? "",
      findChild(test, "TestMethod")?.attributes.className ?? "",
    ]),
  );
  const suiteName = root.attributes.name ?? "";
  return descendantsOf(root, "UnitTestResult").map((result) =>
    readResult(result, suiteName, classes.get(result.attributes.testId ?? "") ?? ""),
  );
}

function readResult(result: XmlElement, testSuiteName: string, className: string): ParsedTestCase {
  const { testName = "", outcome = "", duration = "" } = result.attributes;
  const information = findChild(findChild(result, "Output"), "ErrorInfo");
  return {
    name: testName,
    // An assembly may follow the class: `Space.Class, Assembly, Version=…`.
    prefix: className.split(",")[0] ?? "",
    testSuiteName,
    status: statuses[outcome] ?? "UNKNOWN",
    durationInNanoSeconds: nanoseconds(secondsOf(duration)),
    message: failureMessage(findChild(information, "Message")?.text, findChild(information, "StackTrace")?.text),
  };
}

/** `[D.]HH:MM:SS.fffffff`. */
function secondsOf(duration: string): number {
  const [, days = "0", hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(duration) ?? [];
  if (hours === undefined) return 0;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
