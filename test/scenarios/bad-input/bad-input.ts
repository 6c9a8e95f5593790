import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { type Outcome, runChubo, temporaryDirectory } from "../run-chubo.ts";

/** A sound template whose one project takes its source from the directory; cases break it in one place. */
export const soundTemplate = `Parameters:
  Prefix: { Type: String, Default: demo }
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: codebuild.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: logs
          PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "logs:*", Resource: "*" }] }
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: !Sub \${Prefix}-build
      ServiceRole: !GetAtt Role.Arn
      Artifacts: { Type: CODEPIPELINE }
      Environment: { Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "aws/codebuild/standard:7.0" }
      Source: { Type: CODEPIPELINE }
`;

/** Path → content, below the directory that a run starts in. */
export type Files = Record<string, string | Uint8Array>;

/** Runs `chubo run` in a new directory that holds the files, and looks at what the run left there. */
export async function runIn(t: TestContext, files: Files, words: string[]): Promise<Outcome & { directory: string }> {
  const directory = temporaryDirectory(t);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const outcome = await runChubo(words, { directory });
  const state = join(directory, ".chubo");
  if (existsSync(state)) {
    const left = readdirSync(state).filter((name) => name === "account" || name === "lock");
    assert.deepEqual(left, [], "what a run leaves in its state directory");
  }
  return { ...outcome, directory };
}
