import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild, testProject } from "../../../../test/builds/run-test-build.ts";
import type { VariableRecord } from "../project.ts";
import { composeVariables } from "./build-variables.ts";

const withVariables = (environmentVariables: VariableRecord[]) => ({
  environment: { ...testProject().environment, environmentVariables },
});

test("the project's variables win over the buildspec's, and those over the image's", async (t) => {
  const env = { variables: { A: "buildspec", B: "buildspec", LANG: "buildspec" } };
  const { log } = await runTestBuild(t, buildspecOf({ build: ['echo "$A $B $LANG"'] }, { env }), {
    project: withVariables([{ name: "A", value: "project", type: "PLAINTEXT" }]),
  });
  assert.match(log, /^project buildspec buildspec$/m);
});

test("a variable of the buildspec is what is written: nothing in it is expanded", async (t) => {
  const env = { variables: { X: "$HOME/$(id)`id`" } };
  const { log } = await runTestBuild(t, buildspecOf({ build: ['printf "<%s>\\n" "$X"'] }, { env }));
  assert.match(log, /^<\$HOME\/\$\(id\)`id`>$/m);
});

test("a PATH that a buildspec gives is literal too, so programs are no longer found", async (t) => {
  const env = { variables: { PATH: "$PATH:/opt/x" } };
  const { build } = await runTestBuild(t, buildspecOf({ build: ["ls"] }, { env }));
  assert.match(failureOf(build), /Error while executing command: ls\. Reason: exit status 127$/);
});

test("CodeBuild's own variables cannot be set otherwise, and other names of its prefix can", async (t) => {
  const env = { variables: { CODEBUILD_BUILD_NUMBER: "7", CODEBUILD_MINE: "kept" } };
  const { log } = await runTestBuild(
    t,
    buildspecOf({ build: ['echo "$CODEBUILD_BUILD_NUMBER $CODEBUILD_INITIATOR $CODEBUILD_MINE"'] }, { env }),
    {
      changes: { initiator: "me" },
      project: withVariables([{ name: "CODEBUILD_INITIATOR", value: "x", type: "PLAINTEXT" }]),
    },
  );
  assert.match(log, /^1 me kept$/m);
});

test("parameters of the buildspec and of the project are asked for by GetParameters, ten at a time, and masked", async (t) => {
  const names = Array.from({ length: 12 }, (_, index) => `/p/${index}`);
  const env = { "parameter-store": Object.fromEntries(names.map((name, index) => [`P${index}`, name])) };
  const { log, opened, build } = await runTestBuild(
    t,
    buildspecOf({ build: ['echo "$P0 $P11 $Q"; printf %s "$P0$Q" | wc -c'] }, { env }),
    {
      project: withVariables([{ name: "Q", value: "/q", type: "PARAMETER_STORE" }]),
      account({ parameters }) {
        for (const name of names) parameters.set(name, `value of ${name}`);
        parameters.set("/q", "a secret");
      },
    },
  );
  assert.equal(build.status, "SUCCEEDED", log);
  assert.match(log, /^\*\*\* \*\*\* \*\*\*$/m);
  assert.match(log, /^\s*21$/m);
  assert.equal(opened.calls.filter((call) => call === "ssm:GetParameters").length, 3);
});

test("a role that may not read parameters fails DOWNLOAD_SOURCE with the service's words", async (t) => {
  const env = { "parameter-store": { P: "/p" } };
  const { build } = await runTestBuild(t, buildspecOf({ build: ["true"] }, { env }), {
    account: ({ refused }) => void refused.add("ssm:GetParameters"),
  });
  assert.match(
    failureOf(build),
    /^DOWNLOAD_SOURCE Decrypted Variables Error: AccessDeniedException: User: arn:aws:sts::\d+:assumed-role\/r\/\S+ is not authorized to perform: ssm:GetParameters/,
  );
});

test("a variable with a NUL character fails the build, and its value is not shown", async (t) => {
  const { build, opened } = await runTestBuild(
    t,
    buildspecOf({ build: ["true"] }, { env: { variables: { A: "x\0y" } } }),
  );
  const message = "the variable A holds a NUL character, which no process can be given";
  assert.equal(failureOf(build), `DOWNLOAD_SOURCE CLIENT_ERROR: ${message}`);
  assert.deepEqual(opened.defects, []);
});

test("variables that are too large for a process fail the phase, and are no defect", async (t) => {
  const env = { variables: { BIG: "x".repeat(200_000) } };
  const { build, opened } = await runTestBuild(t, buildspecOf({ build: ["true"] }, { env }));
  assert.match(failureOf(build), /^BUILD COMMAND_EXECUTION_ERROR: .* argument list too long: the build's variables/);
  assert.deepEqual(opened.defects, []);
});

test("git-credential-helper lets git ask CodeCommit's helper, and no other host", async (t) => {
  const ask = (host: string) => `git config --get-urlmatch credential.helper https://${host}/v1/repos/x`;
  const build = [`${ask("git-codecommit.us-east-1.amazonaws.com")}; ${ask("example.test")} || echo none`];
  const given = await runTestBuild(t, buildspecOf({ build }, { env: { "git-credential-helper": "yes" } }));
  assert.match(given.log, /^!aws codecommit credential-helper \$@\nnone$/m);
  const not = await runTestBuild(t, buildspecOf({ build }));
  assert.doesNotMatch(not.log, /^!aws/m);
});

test("layers are laid one over the other", () => {
  const build = { arn: "arn:aws:codebuild:r:1:build/p:1", environment: {}, source: {}, logs: {} };
  const layers = { environment: { A: "1", B: "1", C: "1" }, buildspec: { B: "2", C: "2" }, project: { C: "3" } };
  const { A, B, C } = composeVariables(layers, build as never, "/src", "r");
  assert.deepEqual([A, B, C], ["1", "2", "3"]);
});
