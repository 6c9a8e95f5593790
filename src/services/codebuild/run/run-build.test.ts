import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, statusesOf } from "../../../../test/builds/run-test-build.ts";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { describeBuild } from "../build.ts";
import { EnvironmentError } from "../collaborators.ts";

test("a build that succeeds goes through all phases, uploads its artifacts and leaves nothing behind", async (t) => {
  const artifacts = { files: ["**/*"], "base-directory": "out" };
  const buildspec = buildspecOf({ build: ["mkdir out && echo x > out/x.txt"] }, { artifacts });
  const { build, artifact, left, log, opened } = await runTestBuild(t, buildspec);
  assert.equal(build.status, "SUCCEEDED", log);
  assert.deepEqual(
    build.phases.map(({ phaseType }) => phaseType),
    ["SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"].concat([
      "UPLOAD_ARTIFACTS",
      "FINALIZING",
      "COMPLETED",
    ]),
  );
  assert.equal(build.phases.at(-1)?.endTime, undefined);
  assert.deepEqual(artifact, ["x.txt"]);
  assert.deepEqual(left, []);
  assert.deepEqual(opened.revoked, ["ASIATESTTESTTEST"]);
  assert.equal(opened.cloudWatchLog, log);
});

test("the log is written as CodeBuild's agent writes it", async (t) => {
  const phases = { install: ["true"], build: ["echo hello", "printf half", "exit 3"] };
  const { log } = await runTestBuild(t, buildspecOf(phases, { artifacts: { files: ["a.txt"] } }));
  const stamp = /^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} /gm;
  const text = log.replaceAll(stamp, "").replaceAll(/\/\S*(?=\/codebuild)|0\.\d{6}(?= seconds)/g, "");
  assert.equal(
    text,
    `Running on CodeBuild On-demand
Waiting for agent ping
Waiting for DOWNLOAD_SOURCE
Phase is DOWNLOAD_SOURCE
CODEBUILD_SRC_DIR=/codebuild/output/src123456789/src
YAML location is /codebuild/readonly/buildspec.yml
Setting HTTP client timeout to higher timeout for S3 source
Processing environment variables
No runtime version selected in buildspec.
Moving to directory /codebuild/output/src123456789/src
Cache is not defined in the buildspec
Skip cache due to: no paths specified to be cached
Registering with agent
Phases found in YAML: 2
 INSTALL: 1 commands
 BUILD: 3 commands
Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED
Phase context status code:  Message: ${""}
Entering phase INSTALL
Running command true

Phase complete: INSTALL State: SUCCEEDED
Phase context status code:  Message: ${""}
Entering phase PRE_BUILD
Phase complete: PRE_BUILD State: SUCCEEDED
Phase context status code:  Message: ${""}
Entering phase BUILD
Running command echo hello
hello

Running command printf half
half

Running command exit 3

Command did not exit successfully exit 3 exit status 3
Phase complete: BUILD State: FAILED
Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: exit 3. Reason: exit status 3
Entering phase POST_BUILD
Phase complete: POST_BUILD State: SUCCEEDED
Phase context status code:  Message: ${""}
Expanding base directory path: .
Assembling file list
Expanding .
Expanding file paths for base directory .
Assembling file list
Expanding a.txt
Found 1 file(s)
Set report auto-discover timeout to 5 seconds
Expanding base directory path:  .
Assembling file list
Expanding .
Expanding file paths for base directory .
Assembling file list
Expanding **/*
No matching auto-discover report paths found
Report auto-discover file discovery took  seconds
Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED
Phase context status code:  Message: ${""}
`,
  );
});

const failing: { phase: string; onFailure?: string; reached: string[] }[] = [
  { phase: "install", reached: ["INSTALL"] },
  { phase: "pre_build", reached: ["INSTALL", "PRE_BUILD"] },
  { phase: "build", reached: ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"] },
  { phase: "post_build", reached: ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"] },
  { phase: "build", onFailure: "ABORT", reached: ["INSTALL", "PRE_BUILD", "BUILD"] },
  {
    phase: "pre_build",
    onFailure: "CONTINUE",
    reached: "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS".split(" "),
  },
];

for (const { phase, onFailure, reached } of failing) {
  const how = onFailure === undefined ? "" : ` with on-failure ${onFailure}`;
  test(`a failure in ${phase}${how} leads to ${reached.at(-1)}, and the build is FAILED`, async (t) => {
    const failure = { commands: ["false", "echo not reached"], "on-failure": onFailure };
    const { build, log } = await runTestBuild(
      t,
      buildspecOf({ [phase]: failure }, { artifacts: { files: ["a.txt"] } }),
    );
    assert.deepEqual(Object.keys(statusesOf(build)).slice(4, -2), reached);
    assert.equal(statusesOf(build)[phase.toUpperCase()], "FAILED");
    assert.equal(build.status, "FAILED");
    assert.doesNotMatch(log, /^not reached$/m);
  });
}

test("finally runs after a failed command, and a failure in it fails the phase", async (t) => {
  const phases = {
    pre_build: { commands: ["true"], finally: ["false"], "on-failure": "CONTINUE" },
    build: { commands: ["exit 7"], finally: ["echo tidied up $CODEBUILD_BUILD_SUCCEEDING"] },
  };
  const { log, build } = await runTestBuild(t, buildspecOf(phases));
  assert.match(log, /^tidied up 0$/m);
  assert.equal(statusesOf(build).PRE_BUILD, "FAILED");
  assert.match(log, /Error while executing command: exit 7\. Reason: exit status 7/);
});

test("of a failed command and a failure in finally the first is the phase's", async (t) => {
  const phase = { commands: ["exit 7"], finally: ["exit 8", "echo not reached"] };
  const { log, build } = await runTestBuild(t, buildspecOf({ build: phase }));
  assert.match(failureOf(build), /Error while executing command: exit 7\. Reason: exit status 7$/);
  assert.match(log, /Command did not exit successfully exit 8 exit status 8\n/);
  assert.doesNotMatch(log, /^not reached$/m);
});

test("POST_BUILD learns that the build failed", async (t) => {
  const { log } = await runTestBuild(
    t,
    buildspecOf({
      pre_build: ['echo "before=$CODEBUILD_BUILD_SUCCEEDING"'],
      build: ["false"],
      post_build: ['echo "after=$CODEBUILD_BUILD_SUCCEEDING"'],
    }),
  );
  assert.match(log, /^before=1$/m);
  assert.match(log, /^after=0$/m);
});

test("a role that does not trust CodeBuild fails PROVISIONING, and nothing is made", async (t) => {
  const assume = () => {
    throw new AwsError("AccessDenied", "the trust policy says no");
  };
  const { build, opened, left } = await runTestBuild(t, buildspecOf({ build: ["true"] }), {
    collaborators: { roles: { assume, revoke: () => undefined } },
  });
  const role = "arn:aws:iam::123456789012:role/r";
  assert.equal(
    failureOf(build),
    `PROVISIONING ACCESS_DENIED: CodeBuild is not authorized to perform: sts:AssumeRole on ${role}`,
  );
  assert.equal(build.status, "FAILED");
  assert.deepEqual(opened.notes, ["the trust policy says no"]);
  assert.deepEqual(left, []);
});

test("an environment that cannot be had fails PROVISIONING with its own code", async (t) => {
  const openEnvironment = async () => {
    throw new EnvironmentError("BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE", "toomanyrequests");
  };
  const { build, opened } = await runTestBuild(t, buildspecOf({ build: ["true"] }), {
    collaborators: { openEnvironment },
  });
  assert.equal(failureOf(build), "PROVISIONING BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: toomanyrequests");
  assert.equal(statusesOf(build).DOWNLOAD_SOURCE, undefined);
  assert.deepEqual(opened.revoked, ["ASIATESTTESTTEST"]);
});

test("a role that may not write logs has its build run all the same, and whoever watches is told", async (t) => {
  const openLog = async () => {
    throw new AwsError("AccessDeniedException", "logs:CreateLogStream");
  };
  const { build, opened } = await runTestBuild(t, buildspecOf({ build: ["true"] }), { collaborators: { openLog } });
  assert.equal(build.status, "SUCCEEDED");
  assert.match(opened.notes.join("\n"), /the role may not write the build's log: logs:CreateLogStream/);
});

test("a defect makes the build FAULT, removes its environment and is reported", async (t) => {
  const { build, opened, left } = await runTestBuild(t, buildspecOf({ build: ["true"] }), {
    account(opened) {
      opened.onLog = (text) => {
        if (text.endsWith("Entering phase BUILD\n")) throw new Error("defect");
      };
    },
  });
  assert.equal(build.status, "FAULT");
  assert.deepEqual(left, []);
  assert.deepEqual(opened.defects.map(String), ["Error: defect"]);
});

test("a build that is stopped is STOPPED in the phase it was in, and goes no further", async (t) => {
  let stopped = false;
  const { build, left } = await runTestBuild(t, buildspecOf({ build: ["echo begun; sleep 4242"] }), {
    account(opened) {
      opened.onLog = (text, stop) => {
        if (!stopped && text.includes("\nbegun")) stop();
        stopped ||= text.includes("\nbegun");
      };
    },
  });
  assert.equal(build.status, "STOPPED");
  assert.equal(statusesOf(build).BUILD, "STOPPED");
  assert.equal(statusesOf(build).POST_BUILD, undefined);
  assert.deepEqual(left, []);
});

test("a build that runs out of time is FAILED, and its phase TIMED_OUT", async (t) => {
  const { build } = await runTestBuild(t, buildspecOf({ build: ["sleep 4243"] }), {
    project: { timeoutInMinutes: 0.002 },
  });
  assert.equal(build.status, "FAILED");
  assert.equal(failureOf(build), "BUILD BUILD_TIMED_OUT: Build has timed out.");
  assert.equal(statusesOf(build).BUILD, "TIMED_OUT");
});

test("exported variables hold what they are at the end of POST_BUILD; secrets and AWS_* are not exported", async (t) => {
  const env = {
    "secrets-manager": { SECRET: "hub:password" },
    "exported-variables": ["AWS_REGION", "TAG", "NONE", "SECRET", "COPY"],
  };
  const phases = { build: ["TAG=one; COPY=$SECRET"], post_build: ["TAG='two\nlines'"] };
  const { build, log } = await runTestBuild(t, buildspecOf(phases, { env }));
  assert.deepEqual(build.exportedVariables, [
    { name: "TAG", value: "two\nlines" },
    { name: "NONE", value: "" },
    { name: "COPY", value: "***" },
  ]);
  assert.match(log, /Warning: SECRET cannot be exported/);
  assert.match(log, /Warning: AWS_REGION cannot be exported/);
});

test("a build through a proxy uploads its artifacts and writes its logs, whatever proxy says of them", async (t) => {
  for (const answer of ["yes", "no"]) {
    const proxy = { "upload-artifacts": answer, logs: answer };
    const { build, log, artifact, opened } = await runTestBuild(
      t,
      buildspecOf({ build: ["true"] }, { proxy, artifacts: { files: ["a.txt"] } }),
    );
    assert.equal(build.status, "SUCCEEDED");
    assert.deepEqual(artifact, ["a.txt"]);
    assert.equal(opened.cloudWatchLog, log);
    assert.doesNotMatch(log, /Warning/);
  }
});

test("a finished phase has its times, from PROVISIONING on one context; COMPLETED has its start alone", async (t) => {
  const { build } = await runTestBuild(t, buildspecOf({ build: ["true"] }));
  const phases = describeBuild(build).phases ?? [];
  assert.deepEqual(Object.keys(phases.at(-1) ?? {}).sort(), ["phaseType", "startTime"]);
  for (const [index, phase] of phases.slice(0, -1).entries()) {
    assert.equal(phase.phaseStatus, "SUCCEEDED");
    assert.ok(phase.startTime instanceof Date && phase.endTime instanceof Date);
    assert.equal(typeof phase.durationInSeconds, "number");
    assert.deepEqual(phase.contexts, index < 2 ? undefined : [{ statusCode: "", message: "" }]);
  }
});
