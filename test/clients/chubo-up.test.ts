// The AWS CLI, boto3 and the AWS SDK for JavaScript against `chubo up`, unmodified, for the whole of a small pipeline.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ChuboUp, startChuboUp } from "../fixtures/chubo-up.ts";

const directory = mkdtempSync(join(tmpdir(), "chubo-test-up-"));
let up: ChuboUp;

before(async () => {
  up = await startChuboUp(directory, ["--environment", "host"]);
});
after(async () => {
  await up.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Set up by the lines that `chubo up` prints. */
const aws = (...words: string[]) => up.shell(`aws ${words.join(" ")}`);

const template = {
  Resources: {
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "up-bucket" } },
    Secret: {
      Type: "AWS::SecretsManager::Secret",
      Properties: { Name: "up/secret", SecretString: '{"word":"hidden-word"}' },
    },
    Images: { Type: "AWS::ECR::Repository", Properties: { RepositoryName: "up/web" } },
    Task: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: {
        Family: "up-task",
        ContainerDefinitions: [{ Name: "web", Image: "web", Memory: 64, Essential: true }],
      },
    },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "up-role",
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
        Policies: [
          {
            PolicyName: "build",
            PolicyDocument: {
              Version: "2012-10-17",
              Statement: [
                { Effect: "Allow", Action: "logs:*", Resource: "*" },
                { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: { Ref: "Secret" } },
                { Effect: "Allow", Action: "s3:PutObject", Resource: { "Fn::Sub": "$" + "{Bucket.Arn}/*" } },
              ],
            },
          },
        ],
      },
    },
    Build: {
      Type: "AWS::CodeBuild::Project",
      Properties: {
        Name: "up-build",
        ServiceRole: { "Fn::GetAtt": ["Role", "Arn"] },
        Artifacts: { Type: "S3", Location: { Ref: "Bucket" }, Name: "out", Packaging: "NONE" },
        Environment: {
          Type: "LINUX_CONTAINER",
          ComputeType: "BUILD_GENERAL1_SMALL",
          Image: "aws/codebuild/standard:7.0",
        },
        Source: {
          Type: "NO_SOURCE",
          BuildSpec: JSON.stringify({
            version: 0.2,
            env: { "secrets-manager": { WORD: "up/secret:word" } },
            phases: { build: { commands: ["echo the word is $WORD", "aws sts get-caller-identity > identity.json"] } },
            artifacts: { files: ["identity.json"] },
          }),
        },
      },
    },
  },
  Outputs: { Uri: { Value: { "Fn::GetAtt": ["Images", "RepositoryUri"] } } },
};

test("the AWS CLI deploys a template, runs its build, and reads the log and the artifact", async () => {
  assert.equal(JSON.parse(await aws("sts", "get-caller-identity")).Arn, "arn:aws:iam::123456789012:root");
  const file = join(directory, "template.json");
  writeFileSync(file, JSON.stringify(template));
  await aws(
    "cloudformation",
    "deploy",
    "--stack-name",
    "up",
    "--template-file",
    file,
    "--capabilities",
    "CAPABILITY_NAMED_IAM",
  );
  const { Stacks } = JSON.parse(await aws("cloudformation", "describe-stacks", "--stack-name", "up"));
  assert.equal(Stacks[0].Outputs[0].OutputValue, "123456789012.dkr.ecr.us-east-1.amazonaws.com/up/web");
  const started = JSON.parse(await aws("codebuild", "start-build", "--project-name", "up-build")).build;
  let build = started;
  for (let attempt = 0; build.buildStatus === "IN_PROGRESS" && attempt < 40; attempt++) {
    build = JSON.parse(await aws("codebuild", "batch-get-builds", "--ids", started.id)).builds[0];
  }
  assert.equal(build.buildStatus, "SUCCEEDED", JSON.stringify(build.phases, undefined, 1));
  const log = await aws("logs", "tail", "/aws/codebuild/up-build", "--format", "short");
  assert.match(log, /the word is \*\*\*/);
  assert.doesNotMatch(log, /hidden-word/);
  const copy = join(directory, "identity.json");
  await aws("s3", "cp", "s3://up-bucket/out/identity.json", copy);
  assert.match(JSON.parse(readFileSync(copy, "utf8")).Arn, /:assumed-role\/up-role\/AWSCodeBuild-/);
  const task = JSON.parse(await aws("ecs", "describe-task-definition", "--task-definition", "up-task")).taskDefinition;
  assert.equal(task.containerDefinitions[0].name, "web");
  assert.match(await aws("iam", "get-role", "--role-name", "up-role"), /"RoleName": "up-role"/);
  assert.match(await aws("secretsmanager", "describe-secret", "--secret-id", "up/secret"), /AWSCURRENT/);
  assert.match(await aws("ecr", "describe-repositories"), /up\/web/);
});

test("boto3 runs the same build", async () => {
  const script = `
import boto3, time
assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
codebuild = boto3.client("codebuild")
build = codebuild.start_build(projectName="up-build")["build"]
while build["buildStatus"] == "IN_PROGRESS":
    time.sleep(0.1)
    build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
assert build["buildStatus"] == "SUCCEEDED", build
assert boto3.client("s3").get_object(Bucket="up-bucket", Key="out/identity.json")["Body"].read()
assert boto3.client("cloudformation").describe_stack_events(StackName="up")["StackEvents"]
print("fine")
`;
  const file = join(directory, "build.py");
  writeFileSync(file, script);
  assert.equal(await up.shell(`/usr/bin/python3 ${file}`), "fine\n");
});

test("the AWS SDK for JavaScript runs the same build", async () => {
  const script = `
import { setTimeout as delay } from "node:timers/promises";
import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
const client = new CodeBuildClient();
let { build } = await client.send(new StartBuildCommand({ projectName: "up-build" }));
while (build.buildStatus === "IN_PROGRESS") {
  await delay(50);
  build = (await client.send(new BatchGetBuildsCommand({ ids: [build.id] }))).builds[0];
}
const s3 = new S3Client({ forcePathStyle: true });
const { Body } = await s3.send(new GetObjectCommand({ Bucket: "up-bucket", Key: "out/identity.json" }));
console.log(build.buildStatus, await Body.transformToString());
`;
  const repository = join(import.meta.dirname, "..", "..");
  const printed = await up.shell(`cd '${repository}'; "$NODE" --input-type=module -e "$SCRIPT"`, {
    NODE: process.execPath,
    SCRIPT: script,
  });
  assert.match(printed, /^SUCCEEDED .*assumed-role/s);
});

test("an operation and a service that are not there are refused by name", async () => {
  await assert.rejects(aws("ecs", "list-clusters"), /ecs:ListClusters/);
  await assert.rejects(aws("sqs", "list-queues"), /sqs/);
});
