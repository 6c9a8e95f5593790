import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuildJob, JobRunner } from "../build-job.ts";
import { egressOf } from "./egress.ts";

function jobOf(runner: JobRunner, change: Partial<BuildJob> = {}): BuildJob {
  return { runner, name: "job", range: { start: 0, end: 0 }, runnerImages: [], steps: [], ...change };
}

test("CodeBuild leaves by shared addresses, in a VPC by that VPC's own", () => {
  assert.equal(egressOf(jobOf("codebuild")), "codebuild-shared");
  assert.equal(egressOf(jobOf("codebuild", { codeBuild: { secrets: [], hasVpc: false } })), "codebuild-shared");
  assert.equal(egressOf(jobOf("codebuild", { codeBuild: { secrets: [], hasVpc: true } })), "own");
});

test("hosted runners share their addresses, unless the job runs on the user's own machines", () => {
  for (const runner of ["github-actions", "gitlab-ci", "circleci", "bitbucket", "azure-pipelines"] as const) {
    assert.equal(egressOf(jobOf(runner)), "hosted-runner");
    assert.equal(egressOf(jobOf(runner, { selfHosted: true })), "own");
  }
  assert.equal(egressOf(jobOf("jenkins")), "own");
});

test("who runs a script is not known", () => assert.equal(egressOf(jobOf("script")), "unknown"));
