// A template makes parameters, reads one of them for a property, and its build reads them by project and by buildspec.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failureOf, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const template = (parameterOfBuild: string) => `
Resources:
  Token:
    Type: AWS::SSM::Parameter
    Properties: { Name: /app/token, Type: String, Value: tok-3n-value, Tags: { team: blue } }
  Names:
    Type: AWS::SSM::Parameter
    Properties: { Name: /app/names, Type: StringList, Value: "one,two" }
  Greeting:
    Type: AWS::SSM::Parameter
    Properties: { Name: greeting, Type: String, Value: "hello" }
  Bucket:
    Type: AWS::S3::Bucket
    DependsOn: Greeting
    Properties: { BucketName: "{{resolve:ssm:greeting:1}}-bucket-of-this-test" }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: codebuild.amazonaws.com }, Action: "sts:AssumeRole" }]
      Policies:
        - PolicyName: build
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: "logs:*", Resource: "*" }
              - { Effect: Allow, Action: "ssm:GetParameters", Resource: !Sub "arn:aws:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/app/*" }
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !GetAtt Role.Arn
      Artifacts: { Type: NO_ARTIFACTS }
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
        EnvironmentVariables: [{ Name: TOKEN, Type: PARAMETER_STORE, Value: !Ref Token }]
      Source:
        Type: NO_SOURCE
        BuildSpec: |
          version: 0.2
          env:
            parameter-store: { NAMES: "${parameterOfBuild}" }
          phases:
            build:
              commands:
                - echo "token=$TOKEN names=$NAMES length=\${#TOKEN}"
Outputs:
  Bucket: { Value: !Ref Bucket }
  Token: { Value: !GetAtt Token.Type }
`;

async function run(t: Parameters<typeof temporaryDirectory>[0], parameterOfBuild: string) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "template.yml"), template(parameterOfBuild));
  return runChubo(["run", "template.yml", "--json", "--environment", "host"], { directory });
}

test("a build reads parameters by its project and its buildspec, masked in the log", async (t) => {
  const outcome = await run(t, "/app/names:1");
  const result = resultOf(outcome);
  assert.equal(result.status, "SUCCEEDED", outcome.stderr);
  assert.match(outcome.stderr, /Decrypting parameter store environment variables/);
  assert.match(outcome.stderr, /token=\*\*\* names=\*\*\* length=12/);
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /tok-3n-value/);
  assert.deepEqual(result.stacks[0]?.outputs, { Bucket: "hello-bucket-of-this-test", Token: "String" });
});

test("a parameter that is not there fails DOWNLOAD_SOURCE, and one that the role may not read is told with its action", async (t) => {
  const missing = resultOf(await run(t, "/app/none"));
  assert.match(
    failureOf(missing) ?? "",
    /^DOWNLOAD_SOURCE Decrypted Variables Error: parameter does not exist: \/app\/none$/,
  );
  const denied = resultOf(await run(t, "greeting"));
  assert.match(
    failureOf(denied) ?? "",
    /^DOWNLOAD_SOURCE .*AccessDeniedException: .*ssm:GetParameters on resource: .*:parameter\/greeting/,
  );
});
