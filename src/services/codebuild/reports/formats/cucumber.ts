import { isRecord, parseJson, recordsOf, textOf } from "../json-document.ts";
import type { TestStatus } from "../report.ts";
import { ReportFileError } from "../report-file-error.ts";
import type { ParsedTestCase } from "./test-case.ts";

/** Cucumber's JSON formatter: features with elements with steps. https://cucumber.io/docs/cucumber/reporting */
export function parseCucumber(text: string): ParsedTestCase[] {
  const features = parseJson(text);
  if (!Array.isArray(features)) throw new ReportFileError("expected a list of features");
  return recordsOf(features).flatMap((feature) => {
    const scenarios = recordsOf(feature.elements).filter(({ type }) => type !== "background");
    return scenarios.map((scenario) => readScenario(scenario, textOf(feature.name)));
  });
}

function readScenario(scenario: Record<string, unknown>, feature: string): ParsedTestCase {
  // Hooks run as steps do.
  const steps = [scenario.before, scenario.steps, scenario.after].flatMap(recordsOf);
  const results = steps.map(({ result }) => (isRecord(result) ? result : {}));
  const failed = results.find(({ error_message: message }) => textOf(message) !== "");
  return {
    name: textOf(scenario.name),
    prefix: feature,
    testSuiteName: feature,
    status: statusOf(results.map(({ status }) => textOf(status))),
    // Nanoseconds already.
    durationInNanoSeconds: results.reduce(
      (sum, { duration }) => sum + (typeof duration === "number" ? duration : 0),
      0,
    ),
    message: textOf(failed?.error_message),
  };
}

/** Steps after one that failed are skipped. */
function statusOf(statuses: readonly string[]): TestStatus {
  if (statuses.includes("failed")) return "FAILED";
  if (statuses.some((status) => status === "undefined" || status === "ambiguous")) return "UNKNOWN";
  if (statuses.some((status) => status === "skipped" || status === "pending")) return "SKIPPED";
  return statuses.length > 0 && statuses.every((status) => status === "passed") ? "SUCCEEDED" : "UNKNOWN";
}
