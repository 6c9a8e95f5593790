import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProjectBuildBatchConfig } from "@aws-sdk/client-codebuild";
import { readProjectInput } from "./project-input.ts";

const refusals: [config: ProjectBuildBatchConfig, name: string, message: RegExp][] = [
  [{ serviceRole: "batch" }, "InvalidInputException", /^Invalid service role$/],
  [
    { timeoutInMins: 4 },
    "ValidationException",
    /'4' at 'buildBatchConfig\.timeoutInMins' .* greater than or equal to 5$/,
  ],
  [{ timeoutInMins: 2161 }, "ValidationException", /less than or equal to 2160$/],
  [
    { batchReportMode: "REPORT_NOTHING" as "REPORT_INDIVIDUAL_BUILDS" },
    "ValidationException",
    /enum value set: \[REPORT_INDIVIDUAL_BUILDS, REPORT_AGGREGATED_BATCH\]$/,
  ],
  [{ restrictions: { maximumBuildsAllowed: 0 } }, "ValidationException", /maximumBuildsAllowed' .* equal to 1$/],
  [{ restrictions: { maximumBuildsAllowed: 101 } }, "ValidationException", /maximumBuildsAllowed' .* equal to 100$/],
  [{ restrictions: { computeTypesAllowed: [""] } }, "ValidationException", /computeTypesAllowed' .* length/],
  [{ restrictions: { fleetsAllowed: ["a", ""] } }, "ValidationException", /'\[a, \]' at .*fleetsAllowed' .* length/],
];
for (const [config, name, message] of refusals) {
  test(`buildBatchConfig ${JSON.stringify(config)} is refused`, () => {
    assert.throws(() => readProjectInput({ name: "p1", buildBatchConfig: config }), { name, message });
  });
}

test("a buildBatchConfig within AWS's bounds is kept as it was given", () => {
  const buildBatchConfig: ProjectBuildBatchConfig = {
    serviceRole: "arn:aws:iam::123456789012:role/batch",
    combineArtifacts: true,
    timeoutInMins: 2160,
    batchReportMode: "REPORT_AGGREGATED_BATCH",
    restrictions: { maximumBuildsAllowed: 100, computeTypesAllowed: ["BUILD_GENERAL1_SMALL"], fleetsAllowed: ["f"] },
  };
  assert.deepEqual(readProjectInput({ name: "p1", buildBatchConfig }).settings?.buildBatchConfig, buildBatchConfig);
});
