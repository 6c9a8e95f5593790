import assert from "node:assert/strict";
import { test } from "node:test";
import type { PullResult, RunResult } from "../server/run-result.ts";
import { openFailedOutput } from "./failed-output.ts";
import { failureCause } from "./failure-cause.ts";

function failedBuild(message: string, pulls: PullResult[] = []): RunResult {
  const phases = [
    { phaseType: "INSTALL", phaseStatus: "SUCCEEDED", contexts: [] },
    { phaseType: "BUILD", phaseStatus: "FAILED", contexts: [{ statusCode: "COMMAND_EXECUTION_ERROR", message }] },
    { phaseType: "POST_BUILD", phaseStatus: "FAILED", contexts: [{ statusCode: "X", message: "its echo" }] },
  ];
  const build = { id: "a:1", project: "a", status: "FAILED", phases, artifacts: [], exportedVariables: [] };
  return { status: "FAILED", stacks: [], builds: [build], images: [], pulls, iam: { denied: [], unused: [] } };
}

function refusedPull(reference: string, as: string): PullResult {
  return { reference, registry: "docker.io", as, counted: false, source: "upstream", status: 429 };
}

test("the cause of a failed build is its first failed phase, the command and what it said last", () => {
  const message = "Error while executing command: make\n  all\n. Reason: exit status 2";
  assert.deepEqual(failureCause(failedBuild(message), "no rule"), ["in BUILD: make … (exit status 2)", "no rule"]);
});

test("the cause of a failed stack is its first failed resource", () => {
  const failures = [{ logicalId: "Bucket", type: "AWS::S3::Bucket", reason: "it exists" }];
  const stack = { name: "a", status: "ROLLBACK_COMPLETE", outputs: {}, failures };
  const result: RunResult = { ...failedBuild(""), builds: [], stacks: [stack] };
  assert.deepEqual(failureCause(result, undefined), ["in stack a: Bucket (AWS::S3::Bucket)", "it exists"]);
});

const remedies: [string, string, string][] = [
  [
    "docker.io/library/httpd@sha256:0123",
    "anonymous",
    "Docker Hub refused library/httpd without a login (429): log in to Docker Hub before the pull, or take it from public.ecr.aws/docker/library/httpd.",
  ],
  [
    "docker.io/acme/app:1.0",
    "alice",
    "Docker Hub refused acme/app to alice (429): keep a copy of the image in ECR, or wait for the limit's window to pass.",
  ],
];

for (const [reference, as, remedy] of remedies) {
  test(`what helps against Docker Hub's limit for ${reference} as ${as} is said`, () => {
    assert.equal(failureCause(failedBuild("x", [refusedPull(reference, as)]), undefined).at(-1), remedy);
  });
}

test("a failed command's output is what it wrote last, without colours; the limit's sentence goes before", () => {
  const log = (...lines: string[]) => {
    const output = openFailedOutput();
    for (const line of lines) output.onLine(line);
    return output.find();
  };
  const begin = "[Container] T Running command make";
  const end = "[Container] T Command did not exit successfully make exit status 1";
  assert.equal(log(begin, "\u001b[31mone\u001b[39m", "", end, begin, "two", end), "one");
  assert.equal(log(begin, "10 %\r100 %\r", end), "100 %");
  assert.equal(log(begin, "toomanyrequests: …", "make failed", end), "toomanyrequests: …");
  assert.equal(log("before", begin, end), undefined);
  assert.equal(log(begin, "one"), undefined);
});
