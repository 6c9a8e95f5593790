import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeResources, openStackAccount } from "../../../test/fixtures/stack-account.ts";
import { AwsError } from "../../aws-api/aws-error.ts";

const template = `
Parameters:
  Prefix: {Type: String, Default: demo}
  Password: {Type: String, NoEcho: true}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "\${Bucket}-logs"}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "\${Prefix}-bucket"}
  Secret:
    Type: AWS::SecretsManager::Secret
    DependsOn: Group
    Properties: {Name: !Sub "\${Prefix}-secret", SecretString: !Sub '{"password":"\${Password}"}'}
Outputs:
  Arn: {Value: !GetAtt Bucket.Arn, Export: {Name: !Sub "\${AWS::StackName}-bucket"}}
  Leak: {Value: !Ref Password}
`;

const Parameters = [{ ParameterKey: "Password", ParameterValue: "correct-horse" }];

test("a stack is made in the order of its references, with the recorded events of AWS", async () => {
  const { call, cloudFormation, resources } = openStackAccount();
  const { StackId } = await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  assert.match(StackId ?? "", /^arn:aws:cloudformation:eu-west-1:111122223333:stack\/one\/[0-9a-f-]{36}$/);
  await cloudFormation.whenIdle();
  assert.deepEqual([...resources.made.keys()], ["demo-bucket", "demo-bucket-logs", "demo-secret"]);
  const { StackEvents = [] } = await call("DescribeStackEvents", { StackName: "one" });
  const told = StackEvents.toReversed().map((event) =>
    [event.LogicalResourceId, event.ResourceStatus, event.ResourceStatusReason ?? ""].join(" ").trim(),
  );
  assert.deepEqual(told, [
    "one CREATE_IN_PROGRESS User Initiated",
    "Bucket CREATE_IN_PROGRESS",
    "Bucket CREATE_IN_PROGRESS Resource creation Initiated",
    "Bucket CREATE_COMPLETE",
    "Group CREATE_IN_PROGRESS",
    "Group CREATE_IN_PROGRESS Resource creation Initiated",
    "Group CREATE_COMPLETE",
    "Secret CREATE_IN_PROGRESS",
    "Secret CREATE_IN_PROGRESS Resource creation Initiated",
    "Secret CREATE_COMPLETE",
    "one CREATE_COMPLETE",
  ]);
  assert.equal(StackEvents.at(-2)?.PhysicalResourceId, "");
  assert.equal(StackEvents.at(-3)?.PhysicalResourceId, "demo-bucket");
  const { Stacks = [] } = await call("DescribeStacks", { StackName: "one" });
  assert.equal(Stacks[0]?.Outputs?.[0]?.OutputValue, "arn:fake:demo-bucket");
  assert.equal(Stacks[0]?.Outputs?.[0]?.ExportName, "one-bucket");
});

test("a NoEcho value reaches its resource, and nothing that is shown or stored in clear", async () => {
  const { call, cloudFormation, resources, store } = openStackAccount();
  await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  await cloudFormation.whenIdle();
  assert.equal(resources.made.get("demo-secret")?.properties.SecretString, '{"password":"correct-horse"}');
  const { Stacks = [] } = await call("DescribeStacks", {});
  assert.deepEqual(Stacks[0]?.Parameters?.[1], { ParameterKey: "Password", ParameterValue: "****" });
  assert.equal(Stacks[0]?.Outputs?.[1]?.OutputValue, "****");
  for (const name of ["cloudformation-stack", "cloudformation-event", "cloudformation-change-set"]) {
    assert.doesNotMatch(JSON.stringify(store.collection(name).list()), /correct-horse/);
  }
});

test("a failed resource rolls the stack back, with the cause and without the secret in it", async () => {
  const resources = fakeResources();
  resources.refusals.set("demo-secret", new AwsError("LimitExceededException", "no room for correct-horse"));
  const { call, cloudFormation, defects } = openStackAccount({ resources });
  await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  await cloudFormation.whenIdle();
  const { StackEvents = [] } = await call("DescribeStackEvents", { StackName: "one" });
  const told = StackEvents.toReversed().map(
    ({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`,
  );
  assert.deepEqual(told.slice(8), [
    "Secret CREATE_FAILED",
    "one ROLLBACK_IN_PROGRESS",
    "Secret DELETE_COMPLETE",
    "Group DELETE_IN_PROGRESS",
    "Group DELETE_COMPLETE",
    "Bucket DELETE_IN_PROGRESS",
    "Bucket DELETE_COMPLETE",
    "one ROLLBACK_COMPLETE",
  ]);
  const failure = StackEvents.find(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED");
  assert.match(
    failure?.ResourceStatusReason ?? "",
    /^Resource handler returned message: "no room for \*\*\*\*" \(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: ServiceLimitExceeded\)$/,
  );
  const begin = StackEvents.find(({ ResourceStatus }) => ResourceStatus === "ROLLBACK_IN_PROGRESS");
  assert.equal(
    begin?.ResourceStatusReason,
    "The following resource(s) failed to create: [Secret]. Rollback requested by user.",
  );
  assert.equal(resources.made.size, 0);
  assert.deepEqual(defects, []);
});

test("without rollback the resources that were made stay", async () => {
  const resources = fakeResources();
  resources.refusals.set("demo-secret", new AwsError("InternalServiceError", "out of order"));
  const { call, cloudFormation } = openStackAccount({ resources });
  await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters, DisableRollback: true });
  await cloudFormation.whenIdle();
  const { Stacks = [] } = await call("DescribeStacks", { StackName: "one" });
  assert.equal(Stacks[0]?.StackStatus, "CREATE_FAILED");
  assert.equal(resources.made.size, 2);
});

test("OnFailure DELETE leaves neither resources nor stack", async () => {
  const resources = fakeResources();
  resources.refusals.set("demo-secret", new AwsError("InternalServiceError", "out of order"));
  const { call, cloudFormation } = openStackAccount({ resources });
  const { StackId } = await call("CreateStack", {
    ...{ StackName: "one", TemplateBody: template, Parameters, OnFailure: "DELETE" },
  });
  await cloudFormation.whenIdle();
  await assert.rejects(call("DescribeStacks", { StackName: "one" }), { message: "Stack with id one does not exist" });
  const { Stacks = [] } = await call("DescribeStacks", { StackName: StackId });
  assert.equal(Stacks[0]?.StackStatus, "DELETE_COMPLETE");
  assert.equal(resources.made.size, 0);
});

test("an error that is not AWS's fails the resource and is told as a defect", async () => {
  const resources = fakeResources();
  resources.refusals.set("demo-secret", new TypeError("x is not a function"));
  const { call, cloudFormation, defects } = openStackAccount({ resources });
  await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  await cloudFormation.whenIdle();
  const { StackEvents = [] } = await call("DescribeStackEvents", { StackName: "one" });
  const failure = StackEvents.find(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED");
  assert.equal(failure?.ResourceStatusReason, "Internal Failure");
  assert.equal(defects.length, 1);
});

test("what is wrong with a template is told before anything is made, with line and column", async () => {
  const { call, resources } = openStackAccount();
  const TemplateBody = `Resources:
  A:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Ref B}
  C:
    Type: AWS::S3::Bukket
`;
  await assert.rejects(call("CreateStack", { StackName: "one", TemplateBody }), (error: Error) => {
    assert.equal(error.name, "ValidationError");
    const lines = error.message.split("\n");
    assert.match(
      lines[0] ?? "",
      /^Template format error: Unresolved resource dependencies \[B\] .* \(line 4, column 35: /,
    );
    const second =
      'Template format error: Unrecognized resource types: [AWS::S3::Bukket] (line 6, column 11: did you mean "AWS::S3::Bucket"?)';
    assert.equal(lines[1], second);
    return true;
  });
  assert.equal(resources.made.size, 0);
  await assert.rejects(call("DescribeStacks", { StackName: "one" }));
});

test("a property that a provider cannot honour is refused before anything is made", async () => {
  const { call } = openStackAccount();
  const TemplateBody = `Resources:
  A:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: Private
`;
  const message =
    "the property {/AccessControl} of AWS::S3::Bucket is not supported by chubo (line 5, column 7: leave it out)";
  await assert.rejects(call("CreateStack", { StackName: "one", TemplateBody }), { name: "ValidationError", message });
});

const refusals = [
  { input: { StackName: "1st" }, name: "ValidationError", message: /at 'stackName' failed to satisfy constraint/ },
  { input: { StackName: "a", TemplateBody: undefined }, name: "ValidationError", message: /^Either Template URL or/ },
  {
    input: { StackName: "a", TemplateURL: "https://x", TemplateBody: undefined },
    name: "ValidationError",
    message: /TemplateURL/,
  },
  { input: { StackName: "a", RoleARN: "arn:aws:iam::1:role/x" }, name: "ValidationError", message: /RoleARN/ },
  {
    input: { StackName: "a", Parameters: [] },
    name: "ValidationError",
    message: /^Parameters: \[Password\] must have values/,
  },
  {
    input: {
      StackName: "a",
      TemplateBody: "Resources: {R: {Type: AWS::IAM::Role, Properties: {RoleName: r, AssumeRolePolicyDocument: {}}}}",
      Parameters: [],
    },
    name: "InsufficientCapabilitiesException",
    message: /^Requires capabilities : \[CAPABILITY_NAMED_IAM\]$/,
  },
  { input: { StackName: "a", TemplateBody: `${" ".repeat(51_201)}` }, name: "ValidationError", message: /51200/ },
];
for (const { input, name, message } of refusals) {
  test(`CreateStack refuses ${JSON.stringify(input).slice(0, 80).trim()} with ${name}`, async () => {
    const { call } = openStackAccount();
    await assert.rejects(call("CreateStack", { TemplateBody: template, Parameters, ...input }), { name, message });
  });
}

test("a name that is taken is refused", async () => {
  const { call, cloudFormation } = openStackAccount();
  await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  const again = call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  await assert.rejects(again, { name: "AlreadyExistsException", message: "Stack [one] already exists" });
  await cloudFormation.whenIdle();
});

test("an exported value is imported by another stack, and its stack cannot be deleted meanwhile", async () => {
  const { call, cloudFormation, resources } = openStackAccount();
  await call("CreateStack", { StackName: "one", TemplateBody: template, Parameters });
  await cloudFormation.whenIdle();
  const TemplateBody = `Resources: {G: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !ImportValue one-bucket}}}`;
  await call("CreateStack", { StackName: "two", TemplateBody });
  await cloudFormation.whenIdle();
  assert.ok(resources.made.has("arn:fake:demo-bucket"));
  assert.deepEqual((await call("ListImports", { ExportName: "one-bucket" })).Imports, ["two"]);
  await assert.rejects(call("DeleteStack", { StackName: "one" }), {
    message: "Delete canceled. Cannot delete export one-bucket as it is in use by two.",
  });
  const missing = TemplateBody.replace("one-bucket", "no-bucket");
  await assert.rejects(
    call("CreateStack", { StackName: "three", TemplateBody: missing }),
    /No export named no-bucket found/,
  );
});
