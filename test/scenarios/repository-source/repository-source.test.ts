// A template whose project builds a repository of GitHub runs on the directory that stands in for it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const template = `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: codebuild.amazonaws.com }, Action: sts:AssumeRole }]
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !GetAtt Role.Arn
      Artifacts: { Type: NO_ARTIFACTS }
      Environment: { Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "aws/codebuild/standard:7.0" }
      LogsConfig: { CloudWatchLogs: { Status: DISABLED } }
      Source: { Type: GITHUB, Location: "https://github.com/owner/app.git", GitCloneDepth: 1 }
      SecondarySources:
        - { Type: GITHUB, Location: "https://github.com/owner/lib.git", SourceIdentifier: lib }
      Triggers: { Webhook: true, FilterGroups: [[{ Type: EVENT, Pattern: PUSH }]] }
`;

const buildspec = `version: 0.2
env: { exported-variables: [WHERE, COMMIT, LIB] }
phases:
  build:
    commands:
      - WHERE=\${CODEBUILD_SRC_DIR#*/src/}
      - COMMIT=$(git log -1 --format=%s)
      - LIB=$(cat "$CODEBUILD_SRC_DIR_lib/lib.txt")
`;

function open(t: TestContext) {
  const directory = temporaryDirectory(t);
  for (const [name, text] of [
    ["app/template.yml", template],
    ["app/buildspec.yml", buildspec],
    ["lib/lib.txt", "of the library\n"],
  ] as const) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const app = join(directory, "app");
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", app, "-c", "user.name=t", "-c", "user.email=t@example.com", ...words]);
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "the newest");
  return app;
}

test("the source directory is the repository, and --source URL=DIR another one", async (t) => {
  const words = ["run", "template.yml", "--source", ".", "--source", "https://github.com/owner/lib=../lib", "--json"];
  const outcome = await runChubo(words, { directory: open(t) });
  const result = resultOf(outcome);
  assert.equal(result.status, "SUCCEEDED", outcome.stderr);
  assert.deepEqual(
    result.builds[0]?.exportedVariables.map(({ value }) => value),
    ["github.com/owner/app", "the newest", "of the library"],
  );
  assert.match(
    outcome.stderr,
    /Source https:\/\/github\.com\/owner\/app\.git is taken from the directory \/.*: commit/,
  );
});

test("a repository that no directory stands in for is asked for by name", async (t) => {
  const outcome = await runChubo(["run", "template.yml", "--json"], { directory: open(t) });
  assert.notEqual(outcome.status, 0);
  assert.match(
    outcome.stderr,
    /needs a directory that stands in for https:\/\/github\.com\/owner\/lib\.git: start chubo with --source https/,
  );
});
