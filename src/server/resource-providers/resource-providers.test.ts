import assert from "node:assert/strict";
import { test } from "node:test";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { resourceTypeCatalogue } from "../../template/resource-type.ts";
import { resourceProviders } from "./resource-providers.ts";

interface Call {
  operation: string;
  input: object;
}

/** Answers calls from a table, and keeps what was called. */
function openCalls(answers: Record<string, unknown> = {}) {
  const calls: Call[] = [];
  const providers = resourceProviders(async <Output>(service: string, operation: string, input: object) => {
    calls.push({ operation: `${service}:${operation}`, input });
    const answer = answers[operation];
    if (answer instanceof Error) throw answer;
    return (answer ?? {}) as Output;
  });
  const provider = (type: string) => providers.find((one) => one.type === type) as ResourceProvider;
  const create = (type: string, properties: Record<string, unknown>) =>
    provider(type).create({
      ...{ stackName: "s", stackId: "arn:s", logicalId: "R", account: "111122223333", region: "eu-west-1" },
      ...{ properties, generatedName: "s-R-ABCdef123456" },
    });
  const remove = (type: string, physicalId: string, properties: Record<string, unknown> = {}) =>
    provider(type).delete({
      ...{ stackName: "s", logicalId: "R", account: "111122223333", region: "eu-west-1" },
      ...{ physicalId, properties },
    });
  return { calls, providers, provider, create, remove };
}

test("every provider's type is in the catalogue of resource types", () => {
  const catalogue = resourceTypeCatalogue();
  for (const { type } of openCalls().providers) assert.ok(catalogue.findType(type), type);
});

test("a pull-through cache rule goes by its prefix, and is gone where it is gone already", async () => {
  const gone = new AwsError("PullThroughCacheRuleNotFoundException", "no such rule");
  const { create, remove, calls } = openCalls({ DeletePullThroughCacheRule: gone });
  const type = "AWS::ECR::PullThroughCacheRule";
  const made = await create(type, {
    EcrRepositoryPrefix: "docker-hub",
    UpstreamRegistryUrl: "registry-1.docker.io",
    CredentialArn: "arn:x",
  });
  assert.equal(made.physicalId, "docker-hub");
  await remove(type, "docker-hub");
  assert.deepEqual(calls, [
    {
      operation: "ecr:CreatePullThroughCacheRule",
      input: { ecrRepositoryPrefix: "docker-hub", upstreamRegistryUrl: "registry-1.docker.io", credentialArn: "arn:x" },
    },
    { operation: "ecr:DeletePullThroughCacheRule", input: { ecrRepositoryPrefix: "docker-hub" } },
  ]);
});

test("a bucket gets its settings, and a generated name in small letters", async () => {
  const { create, calls } = openCalls();
  const made = await create("AWS::S3::Bucket", {
    VersioningConfiguration: { Status: "Enabled" },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
    Tags: [{ Key: "a", Value: "b" }],
  });
  assert.equal(made.physicalId, "s-r-abcdef123456");
  assert.equal(made.attributes.RegionalDomainName, "s-r-abcdef123456.s3.eu-west-1.amazonaws.com");
  const Bucket = "s-r-abcdef123456";
  assert.deepEqual(calls, [
    {
      operation: "s3:CreateBucket",
      input: { Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } },
    },
    { operation: "s3:PutBucketVersioning", input: { Bucket, VersioningConfiguration: { Status: "Enabled" } } },
    {
      operation: "s3:PutBucketEncryption",
      input: {
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
      },
    },
    { operation: "s3:PutBucketTagging", input: { Bucket, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } } },
  ]);
});

test("a repository is emptied with its stack only where EmptyOnDelete says so", async () => {
  const { remove, calls } = openCalls();
  await remove("AWS::ECR::Repository", "app");
  await remove("AWS::ECR::Repository", "app", { EmptyOnDelete: true });
  assert.deepEqual(
    calls.map(({ input }) => input),
    [{ repositoryName: "app" }, { repositoryName: "app", force: true }],
  );
});

test("a repository whose policy is refused does not stay", async () => {
  const { create, calls } = openCalls({ SetRepositoryPolicy: new AwsError("InvalidParameterException", "no") });
  const made = create("AWS::ECR::Repository", { RepositoryName: "app", RepositoryPolicyText: { Statement: [] } });
  await assert.rejects(made, { name: "InvalidParameterException" });
  assert.deepEqual(
    calls.map(({ operation }) => operation),
    ["ecr:CreateRepository", "ecr:SetRepositoryPolicy", "ecr:DeleteRepository"],
  );
});

test("a role comes with its policies and goes with them", async () => {
  const { create, remove, calls } = openCalls({
    CreateRole: { Role: { Arn: "arn:role", RoleId: "AROA" } },
    ListRolePolicies: { PolicyNames: ["inline"] },
    ListAttachedRolePolicies: { AttachedPolicies: [{ PolicyArn: "arn:policy" }] },
  });
  const made = await create("AWS::IAM::Role", {
    AssumeRolePolicyDocument: { Version: "2012-10-17" },
    Policies: [{ PolicyName: "inline", PolicyDocument: { Version: "2012-10-17" } }],
    ManagedPolicyArns: ["arn:policy"],
    Path: "/",
  });
  assert.deepEqual(made, { physicalId: "s-R-ABCdef123456", attributes: { Arn: "arn:role", RoleId: "AROA" } });
  await remove("AWS::IAM::Role", made.physicalId);
  const RoleName = made.physicalId;
  const document = '{"Version":"2012-10-17"}';
  assert.deepEqual(calls, [
    { operation: "iam:CreateRole", input: { Path: "/", RoleName, AssumeRolePolicyDocument: document } },
    { operation: "iam:PutRolePolicy", input: { RoleName, PolicyName: "inline", PolicyDocument: document } },
    { operation: "iam:AttachRolePolicy", input: { RoleName, PolicyArn: "arn:policy" } },
    { operation: "iam:ListRolePolicies", input: { RoleName } },
    { operation: "iam:DeleteRolePolicy", input: { RoleName, PolicyName: "inline" } },
    { operation: "iam:ListAttachedRolePolicies", input: { RoleName } },
    { operation: "iam:DetachRolePolicy", input: { RoleName, PolicyArn: "arn:policy" } },
    { operation: "iam:DeleteRole", input: { RoleName } },
  ]);
});

test("a CodeBuild project whose role is given by name gets the role's ARN", async () => {
  const { create, calls } = openCalls({
    GetRole: { Role: { Arn: "arn:aws:iam::111122223333:role/ci/build" } },
    CreateProject: { project: { name: "p", arn: "arn:p" } },
  });
  const made = await create("AWS::CodeBuild::Project", {
    Name: "p",
    Visibility: "PRIVATE",
    ServiceRole: "build",
    Source: { Type: "CODEPIPELINE", BuildSpec: "version: 0.2" },
  });
  assert.deepEqual(made, { physicalId: "p", attributes: { Arn: "arn:p", Id: "arn:p" } });
  assert.deepEqual(calls.at(-1)?.input, {
    source: { type: "CODEPIPELINE", buildspec: "version: 0.2" },
    name: "p",
    serviceRole: "arn:aws:iam::111122223333:role/ci/build",
  });
});

test("a secret is made of a template and a generated password", async () => {
  const { create, calls } = openCalls({ GetRandomPassword: { RandomPassword: "pw" }, CreateSecret: { ARN: "arn:s" } });
  await create("AWS::SecretsManager::Secret", {
    GenerateSecretString: { SecretStringTemplate: '{"user":"a"}', GenerateStringKey: "password", PasswordLength: 8 },
  });
  assert.deepEqual(calls, [
    { operation: "secretsmanager:GetRandomPassword", input: { PasswordLength: 8 } },
    {
      operation: "secretsmanager:CreateSecret",
      input: { Name: "s-R-ABCdef123456", SecretString: '{"user":"a","password":"pw"}' },
    },
  ]);
});

test("a secret's template that is no JSON is refused without being quoted", async () => {
  const { create } = openCalls();
  const generation = { SecretStringTemplate: "{correct-horse", GenerateStringKey: "password" };
  await assert.rejects(create("AWS::SecretsManager::Secret", { GenerateSecretString: generation }), {
    message: "Could not parse SecretStringTemplate JSON.",
  });
});

const unsupported = [
  { type: "AWS::S3::Bucket", properties: { LifecycleConfiguration: {} }, path: "/LifecycleConfiguration" },
  { type: "AWS::S3::Bucket", properties: { AccessControl: "PublicRead" }, path: "/AccessControl" },
  { type: "AWS::SSM::Parameter", properties: { DataType: "aws:ec2:image" }, path: "/DataType" },
  { type: "AWS::SSM::Parameter", properties: { Policies: "[]" }, path: "/Policies" },
  { type: "AWS::CodeBuild::Project", properties: { Visibility: "PUBLIC_READ" }, path: "/Visibility" },
  { type: "AWS::SecretsManager::Secret", properties: { KmsKeyId: "k" }, path: "/KmsKeyId" },
  { type: "AWS::IAM::Policy", properties: { PolicyName: "p", Users: ["u"] }, path: "/Users" },
  { type: "AWS::IAM::Policy", properties: { PolicyName: "p" }, path: "/" },
  { type: "AWS::Logs::LogGroup", properties: { LogGroupClass: "INFREQUENT_ACCESS" }, path: "/LogGroupClass" },
];
for (const { type, properties, path } of unsupported) {
  test(`${type} refuses ${JSON.stringify(properties)} by name`, () => {
    const found = openCalls().provider(type).findUnsupported?.(properties) ?? [];
    assert.deepEqual(
      found.map((one) => one.path),
      [path],
    );
  });
}

const gone = [
  { type: "AWS::S3::Bucket", operation: "DeleteBucket", error: "NoSuchBucket" },
  { type: "AWS::ECR::Repository", operation: "DeleteRepository", error: "RepositoryNotFoundException" },
  { type: "AWS::IAM::Role", operation: "ListRolePolicies", error: "NoSuchEntityException" },
  { type: "AWS::SecretsManager::Secret", operation: "DeleteSecret", error: "ResourceNotFoundException" },
  { type: "AWS::Logs::LogGroup", operation: "DeleteLogGroup", error: "ResourceNotFoundException" },
];
for (const { type, operation, error } of gone) {
  test(`deleting an ${type} that is gone succeeds, any other refusal does not`, async () => {
    await openCalls({ [operation]: new AwsError(error, "gone") }).remove(type, "x");
    const refused = openCalls({ [operation]: new AwsError("BucketNotEmpty", "full") }).remove(type, "x");
    await assert.rejects(refused, { name: "BucketNotEmpty" });
  });
}

test("a report group is deleted with its reports only where DeleteReports says so", async () => {
  const arn = "arn:aws:codebuild:eu-west-1:111122223333:report-group/unit";
  const { create, remove, calls } = openCalls({ CreateReportGroup: { reportGroup: { arn } } });
  const type = "AWS::CodeBuild::ReportGroup";
  const made = await create(type, {
    ...{ Type: "TEST", DeleteReports: true, Tags: [{ Key: "a", Value: "b" }] },
    ExportConfig: { ExportConfigType: "S3", S3Destination: { Bucket: "b", Packaging: "ZIP" } },
  });
  assert.deepEqual(made, { physicalId: arn, attributes: { Arn: arn } });
  await remove(type, arn, { DeleteReports: true });
  await remove(type, arn);
  assert.deepEqual(
    calls.map(({ input }) => input),
    [
      {
        ...{ name: "s-R-ABCdef123456", type: "TEST", tags: [{ key: "a", value: "b" }] },
        exportConfig: { exportConfigType: "S3", s3Destination: { bucket: "b", packaging: "ZIP" } },
      },
      { arn, deleteReports: true },
      { arn, deleteReports: false },
    ],
  );
});

test("a source credential never replaces another one, and goes with its stack", async () => {
  const arn = "arn:aws:codebuild:eu-west-1:111122223333:token/github";
  const { create, remove, calls } = openCalls({
    ImportSourceCredentials: { arn },
    DeleteSourceCredentials: new AwsError("ResourceNotFoundException", "gone"),
  });
  const type = "AWS::CodeBuild::SourceCredential";
  const made = await create(type, { ServerType: "GITHUB", AuthType: "PERSONAL_ACCESS_TOKEN", Token: "t" });
  assert.equal(made.physicalId, arn);
  await remove(type, arn);
  assert.deepEqual(calls[0]?.input, {
    ...{ serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN", token: "t", shouldOverwrite: false },
  });
});

test("a project's triggers become its webhook, and a project without its webhook goes again", async () => {
  const properties = {
    ...{ Name: "p", ServiceRole: "arn:aws:iam::111122223333:role/r" },
    Triggers: { Webhook: true, FilterGroups: [[{ Type: "EVENT", Pattern: "PUSH", ExcludeMatchedPattern: false }]] },
  };
  const { create, calls } = openCalls({ CreateProject: { project: { name: "p", arn: "arn:p" } } });
  await create("AWS::CodeBuild::Project", properties);
  assert.deepEqual(calls.at(-1), {
    operation: "codebuild:CreateWebhook",
    input: { projectName: "p", filterGroups: [[{ type: "EVENT", pattern: "PUSH", excludeMatchedPattern: false }]] },
  });
  const refusing = openCalls({
    CreateProject: { project: { name: "p", arn: "arn:p" } },
    CreateWebhook: new AwsError("InvalidInputException", "no"),
  });
  await assert.rejects(refusing.create("AWS::CodeBuild::Project", properties), { message: "no" });
  assert.equal(refusing.calls.at(-1)?.operation, "codebuild:DeleteProject");
});

test("a parameter of a template has its tags from a map, and its value as an attribute", async () => {
  const { create, calls } = openCalls({ GetParameter: { Parameter: { Type: "String", Value: "v" } } });
  const made = await create("AWS::SSM::Parameter", { Type: "String", Value: "v", Tags: { team: "blue" } });
  assert.deepEqual(made, { physicalId: "s-R-ABCdef123456", attributes: { Type: "String", Value: "v" } });
  assert.deepEqual(calls[0], {
    operation: "ssm:PutParameter",
    input: { Name: "s-R-ABCdef123456", Type: "String", Value: "v", Tags: [{ Key: "team", Value: "blue" }] },
  });
});
