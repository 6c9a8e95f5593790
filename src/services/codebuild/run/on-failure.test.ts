import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, statusesOf } from "../../../../test/builds/run-test-build.ts";

/** Fails until it has been called so often, and says each time how often it was. */
const failsUntil = (times: number) =>
  `tries=$((tries + 1)); echo "try $tries"; [ $tries -ge ${times} ] || { echo 'connect ETIMEDOUT' >&2; false; }`;

const retries: { onFailure: string; succeedsAt: number; tries: number; status: string }[] = [
  { onFailure: "RETRY", succeedsAt: 4, tries: 4, status: "SUCCEEDED" },
  { onFailure: "RETRY", succeedsAt: 9, tries: 4, status: "FAILED" },
  { onFailure: "RETRY-1", succeedsAt: 2, tries: 2, status: "SUCCEEDED" },
  { onFailure: "RETRY-0", succeedsAt: 2, tries: 1, status: "FAILED" },
  { onFailure: "RETRY-.*ETIMEDOUT.*", succeedsAt: 2, tries: 2, status: "SUCCEEDED" },
  { onFailure: "RETRY-exit status 1", succeedsAt: 2, tries: 2, status: "SUCCEEDED" },
  { onFailure: "RETRY-ECONNREFUSED", succeedsAt: 2, tries: 1, status: "FAILED" },
  { onFailure: "RETRY-2-ETIMEDOUT", succeedsAt: 9, tries: 3, status: "FAILED" },
];

for (const { onFailure, succeedsAt, tries, status } of retries) {
  const end = `ends ${status} after ${tries}`;
  test(`a phase with on-failure ${onFailure} whose command succeeds at the ${succeedsAt}. time ${end}`, async (t) => {
    const phase = { commands: [failsUntil(succeedsAt), "echo went on"], "on-failure": onFailure };
    const { build, log } = await runTestBuild(t, buildspecOf({ build: phase }));
    assert.equal(build.status, status, log);
    assert.equal(log.match(/^try \d$/gm)?.length, tries);
    assert.equal(/^went on$/m.test(log), status === "SUCCEEDED");
    assert.equal(build.phases.filter(({ phaseType }) => phaseType === "BUILD").length, 1);
  });
}

test("each try runs finally, and begins as if nothing had failed", async (t) => {
  const phase = {
    commands: [`echo "succeeding=$CODEBUILD_BUILD_SUCCEEDING"`, failsUntil(2)],
    finally: [`echo "finally $tries"`],
    "on-failure": "RETRY",
  };
  const { log } = await runTestBuild(t, buildspecOf({ build: phase }));
  assert.deepEqual(log.match(/^(succeeding=\d|finally \d)$/gm), [
    ...["succeeding=1", "finally 1"],
    ...["succeeding=1", "finally 2"],
  ]);
  assert.match(log, /Retrying phase BUILD: retry 1 of 3\n/);
});

test("a failure in finally is tried again as well", async (t) => {
  const phase = { commands: ["true"], finally: [failsUntil(2)], "on-failure": "RETRY-1" };
  const { build } = await runTestBuild(t, buildspecOf({ build: phase }));
  assert.equal(build.status, "SUCCEEDED");
});

test("a phase that was tried again in vain goes on as its kind does, with its last failure", async (t) => {
  const failing = { commands: [failsUntil(9)], "on-failure": "RETRY-1" };
  const { build: first } = await runTestBuild(t, buildspecOf({ install: failing, build: ["true"] }));
  assert.equal(statusesOf(first).PRE_BUILD, undefined);
  const { build: second } = await runTestBuild(t, buildspecOf({ build: failing, post_build: ["true"] }));
  assert.equal(statusesOf(second).POST_BUILD, "SUCCEEDED");
  assert.match(failureOf(second), /^BUILD COMMAND_EXECUTION_ERROR: .+ Reason: exit status 1$/);
});

test("a build ends after the phase that it was told to end after", async (t) => {
  for (const lastPhase of ["DOWNLOAD_SOURCE", "PRE_BUILD"] as const) {
    const { build, artifact } = await runTestBuild(t, buildspecOf({ pre_build: ["true"], build: ["false"] }), {
      input: { lastPhase },
    });
    assert.equal(build.status, "SUCCEEDED");
    assert.equal(build.phases.at(-3)?.phaseType, lastPhase);
    assert.equal(artifact, undefined);
  }
});
