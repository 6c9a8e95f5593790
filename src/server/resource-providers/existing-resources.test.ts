// Stacks of an account with all its services, whose resources have names that are taken.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type * as Sdk from "@aws-sdk/client-cloudformation";
import { type Account, openAccount } from "../account.ts";
import { emptyProjectFile } from "../project-file.ts";
import { openStateDirectory } from "../state-directory.ts";

const ignore = () => undefined;

async function openTestAccount(t: TestContext, region: string): Promise<Account> {
  const root = mkdtempSync(join(tmpdir(), "chubo-existing-"));
  const state = openStateDirectory(root, { fresh: true });
  const account = await openAccount({
    ...{ state, durable: false, account: "111122223333", region, port: 0, nextFree: false },
    ...{ environment: "host", projectFile: emptyProjectFile, engine: "auto", hub: { kind: "live" }, gateway: false },
    ...{ variables: {}, path: "", dockerClients: async () => [], temporaryDirectory: root },
    buildObserver: { onBuildStart: ignore, onPhase: ignore, onLog: ignore, onNote: ignore },
    ...{ onStackEvent: ignore, onNote: ignore },
    onDefect(error) {
      throw error;
    },
  });
  t.after(async () => {
    await account.close();
    state.release();
    rmSync(root, { recursive: true });
  });
  return account;
}

function openCalls({ api, root, cloudFormation }: Account) {
  const call = <Output>(service: string, operation: string, input: object) =>
    api.call<Output>(service, operation, input, root);
  return {
    call,
    /** Resolves with the stack's status and the reason of what failed first. */
    async createStack(StackName: string, resources: object) {
      const TemplateBody = JSON.stringify({ Resources: resources });
      const Capabilities = ["CAPABILITY_NAMED_IAM"];
      await call("cloudformation", "CreateStack", { StackName, TemplateBody, Capabilities });
      await cloudFormation.whenIdle();
      const stacks = await call<Sdk.DescribeStacksCommandOutput>("cloudformation", "DescribeStacks", { StackName });
      const told = await call<Sdk.DescribeStackEventsCommandOutput>("cloudformation", "DescribeStackEvents", {
        StackName,
      });
      const failed = told.StackEvents?.findLast(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED");
      return { status: stacks.Stacks?.[0]?.StackStatus, reason: failed?.ResourceStatusReason ?? "" };
    },
    async deleteStack(StackName: string) {
      await call("cloudformation", "DeleteStack", { StackName });
      await cloudFormation.whenIdle();
    },
  };
}

interface Case {
  type: string;
  properties: Record<string, unknown>;
  /** What makes the same by hand. */
  make: [service: string, operation: string, input: object];
  /** What it needs. */
  before?: [service: string, operation: string, input: object];
  /** What fails where it is not there. */
  find: [service: string, operation: string, input: object];
  reason: string;
}

const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const permissions = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
const project = {
  source: { type: "NO_SOURCE", buildspec: "version: 0.2" },
  artifacts: { type: "NO_ARTIFACTS" },
  environment: { type: "LINUX_CONTAINER", image: "aws/codebuild/standard:7.0", computeType: "BUILD_GENERAL1_SMALL" },
};
const role = "arn:aws:iam::111122223333:role/ci";
const policy = "arn:aws:iam::111122223333:policy/taken";

const cases: Case[] = [
  {
    type: "AWS::S3::Bucket",
    properties: { BucketName: "taken" },
    make: ["s3", "CreateBucket", { Bucket: "taken" }],
    find: ["s3", "HeadBucket", { Bucket: "taken" }],
    reason: "taken already exists",
  },
  {
    type: "AWS::ECR::Repository",
    properties: { RepositoryName: "taken" },
    make: ["ecr", "CreateRepository", { repositoryName: "taken" }],
    find: ["ecr", "DescribeRepositories", { repositoryNames: ["taken"] }],
    reason: "The repository with name 'taken' already exists in the registry with id '111122223333'",
  },
  {
    type: "AWS::IAM::Role",
    properties: { RoleName: "taken", AssumeRolePolicyDocument: trust },
    make: ["iam", "CreateRole", { RoleName: "taken", AssumeRolePolicyDocument: JSON.stringify(trust) }],
    find: ["iam", "GetRole", { RoleName: "taken" }],
    reason: "Role with name taken already exists.",
  },
  {
    type: "AWS::IAM::ManagedPolicy",
    properties: { ManagedPolicyName: "taken", PolicyDocument: permissions },
    make: ["iam", "CreatePolicy", { PolicyName: "taken", PolicyDocument: JSON.stringify(permissions) }],
    find: ["iam", "GetPolicy", { PolicyArn: policy }],
    reason: "A policy called taken already exists. Duplicate names are not allowed.",
  },
  {
    type: "AWS::SecretsManager::Secret",
    properties: { Name: "taken", SecretString: "other" },
    make: ["secretsmanager", "CreateSecret", { Name: "taken", SecretString: "first" }],
    find: ["secretsmanager", "DescribeSecret", { SecretId: "taken" }],
    reason: "The operation failed because the secret taken already exists.",
  },
  {
    type: "AWS::Logs::LogGroup",
    properties: { LogGroupName: "taken", RetentionInDays: 1 },
    make: ["logs", "CreateLogGroup", { logGroupName: "taken" }],
    find: ["logs", "DescribeLogStreams", { logGroupName: "taken" }],
    reason: "The specified log group already exists",
  },
  {
    type: "AWS::CodeBuild::Project",
    properties: {
      Name: "taken",
      ServiceRole: role,
      Source: { Type: "NO_SOURCE", BuildSpec: "version: 0.2" },
      Artifacts: { Type: "NO_ARTIFACTS" },
      Environment: { Type: "LINUX_CONTAINER", Image: project.environment.image, ComputeType: "BUILD_GENERAL1_SMALL" },
    },
    make: ["codebuild", "CreateProject", { name: "taken", serviceRole: role, ...project }],
    find: ["codebuild", "ListBuildsForProject", { projectName: "taken" }],
    before: ["iam", "CreateRole", { RoleName: "ci", AssumeRolePolicyDocument: JSON.stringify(trust) }],
    reason: "Project already exists: arn:aws:codebuild:us-east-1:111122223333:project/taken",
  },
];

describe("a stack whose resource has a name that is taken", () => {
  for (const { type, properties, before, make, find, reason } of cases) {
    test(`is rolled back, and leaves the ${type} that was made by hand alone`, async (t) => {
      const { call, createStack, deleteStack } = openCalls(await openTestAccount(t, "us-east-1"));
      if (before !== undefined) await call(...before);
      await call(...make);
      const outcome = await createStack("second", { It: { Type: type, Properties: properties } });
      assert.equal(outcome.status, "ROLLBACK_COMPLETE");
      const words = `Resource handler returned message: "${reason}" (RequestToken: `;
      assert.equal(outcome.reason.slice(0, words.length), words);
      assert.match(outcome.reason, /, HandlerErrorCode: AlreadyExists\)$/);
      await deleteStack("second");
      await call(...find);
    });

    test(`is rolled back, and leaves the ${type} of another stack alone`, async (t) => {
      const { call, createStack, deleteStack } = openCalls(await openTestAccount(t, "us-east-1"));
      if (before !== undefined) await call(...before);
      const resources = { It: { Type: type, Properties: properties } };
      assert.deepEqual(await createStack("first", resources), { status: "CREATE_COMPLETE", reason: "" });
      assert.equal((await createStack("second", resources)).status, "ROLLBACK_COMPLETE");
      await deleteStack("second");
      await call(...find);
      await deleteStack("first");
      await assert.rejects(call(...find));
    });
  }

  test("is rolled back in any region where it is a bucket", async (t) => {
    const { createStack } = openCalls(await openTestAccount(t, "eu-west-1"));
    const resources = { It: { Type: "AWS::S3::Bucket", Properties: { BucketName: "taken" } } };
    assert.equal((await createStack("first", resources)).status, "CREATE_COMPLETE");
    const { reason } = await createStack("second", resources);
    assert.match(reason, /"taken already exists" .*AlreadyExists\)$/);
  });
});
