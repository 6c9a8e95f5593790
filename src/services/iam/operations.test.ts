import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallContext } from "../../aws-api/service.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { createIamId } from "./iam-id.ts";
import { openIamStore } from "./iam-store.ts";
import { iamOperations } from "./operations.ts";

const account = "123456789012";
const context: CallContext = {
  service: "iam",
  operation: "CreateRole",
  requestId: "1",
  region: "eu-west-1",
  account,
  principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
};
const trust =
  '{ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "codebuild.amazonaws.com" } }] }';
const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const role = { RoleName: "builder" };

function open() {
  const now = () => new Date("2026-11-24T00:00:00Z");
  return iamOperations({ iam: openIamStore(openSqliteStore(":memory:")), createId: createIamId, now });
}

function openWithRole() {
  const operations = open();
  operations.CreateRole.run({ ...role, AssumeRolePolicyDocument: trust }, context);
  return operations;
}

test("a role is created with ID, ARN and AWS's defaults, and read back with its document URL-encoded", () => {
  const operations = open();
  const input = {
    ...role,
    AssumeRolePolicyDocument: trust,
    Path: "/ci/",
    Description: "d",
    Tags: [{ Key: "a", Value: "b" }],
  };
  const created = operations.CreateRole.run(input, context).Role;
  assert.match(created?.RoleId ?? "", /^AROA[A-Z2-7]{17}$/);
  assert.equal(created?.Arn, `arn:aws:iam::${account}:role/ci/builder`);
  const read = operations.GetRole.run(role, context).Role;
  assert.equal(decodeURIComponent(read?.AssumeRolePolicyDocument ?? ""), trust);
  assert.match(read?.AssumeRolePolicyDocument ?? "", /^%7B%20%22Statement%22%3A/);
  assert.equal(read?.MaxSessionDuration, 3600);
  assert.equal(read?.Description, "d");
  assert.deepEqual(read?.Tags, [{ Key: "a", Value: "b" }]);
});

test("a second role of the name is refused, whatever its case", () => {
  assert.throws(
    () => openWithRole().CreateRole.run({ RoleName: "Builder", AssumeRolePolicyDocument: trust }, context),
    {
      name: "EntityAlreadyExistsException",
      message: "Role with name Builder already exists.",
    },
  );
});

test("a role that is not there is reported in AWS's words", () => {
  assert.throws(() => open().GetRole.run(role, context), {
    name: "NoSuchEntityException",
    message: "The role with name builder cannot be found.",
  });
});

test("a malformed trust policy leaves no role behind", () => {
  const operations = open();
  assert.throws(() => operations.CreateRole.run({ ...role, AssumeRolePolicyDocument: policy }, context), {
    name: "MalformedPolicyDocumentException",
  });
  assert.deepEqual(operations.ListRoles.run({}, context).Roles, []);
});

test("names, paths and durations outside of IAM's limits are refused", () => {
  const create = (input: object) => () =>
    open().CreateRole.run({ ...role, AssumeRolePolicyDocument: trust, ...input }, context);
  assert.throws(create({ RoleName: "a b" }), { name: "ValidationError", message: /regular expression pattern/ });
  assert.throws(create({ RoleName: "a".repeat(65) }), { name: "ValidationError", message: /less than or equal to 64/ });
  assert.throws(create({ Path: "ci" }), { name: "ValidationError", message: /path is invalid/ });
  assert.throws(create({ MaxSessionDuration: 60 }), { name: "ValidationError", message: /maxSessionDuration/ });
});

test("a role with policies is not deleted", () => {
  const operations = openWithRole();
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  operations.PutRolePolicy.run({ ...role, PolicyName: "p", PolicyDocument: policy }, context);
  operations.AttachRolePolicy.run({ ...role, PolicyArn }, context);
  const remove = () => operations.DeleteRole.run(role, context);
  assert.throws(remove, { name: "DeleteConflictException", message: /must detach all policies first/ });
  operations.DetachRolePolicy.run({ ...role, PolicyArn }, context);
  assert.throws(remove, { name: "DeleteConflictException", message: /must delete policies first/ });
  operations.DeleteRolePolicy.run({ ...role, PolicyName: "p" }, context);
  remove();
  assert.throws(remove, { name: "NoSuchEntityException" });
});

test("inline policies are put, listed, read URL-encoded and deleted", () => {
  const operations = openWithRole();
  for (const PolicyName of ["b", "a"]) {
    operations.PutRolePolicy.run({ ...role, PolicyName, PolicyDocument: policy }, context);
  }
  assert.deepEqual(operations.ListRolePolicies.run(role, context), { PolicyNames: ["a", "b"], IsTruncated: false });
  const read = operations.GetRolePolicy.run({ ...role, PolicyName: "a" }, context);
  assert.match(read.PolicyDocument ?? "", /s3%3A%2A/);
  operations.DeleteRolePolicy.run({ ...role, PolicyName: "a" }, context);
  assert.throws(() => operations.GetRolePolicy.run({ ...role, PolicyName: "a" }, context), {
    message: "The role policy with name a cannot be found.",
  });
  assert.throws(() => operations.GetRolePolicy.run({ ...role, PolicyName: "constructor" }, context), {
    name: "NoSuchEntityException",
  });
});

test("inline policies larger than 10,240 characters together are refused", () => {
  const Resource = Array.from({ length: 400 }, (_, index) => `arn:aws:s3:::bucket-number-${index}/*`);
  const PolicyDocument = JSON.stringify({ Statement: { Effect: "Allow", Action: "s3:*", Resource } });
  assert.throws(() => openWithRole().PutRolePolicy.run({ ...role, PolicyName: "p", PolicyDocument }, context), {
    name: "LimitExceededException",
    message: "Maximum policy size of 10240 bytes exceeded for role builder",
  });
});

test("an AWS managed policy that is not known here is refused by name", () => {
  const PolicyArn = "arn:aws:iam::aws:policy/AmazonBraketFullAccess";
  assert.throws(() => openWithRole().AttachRolePolicy.run({ ...role, PolicyArn }, context), {
    name: "NoSuchEntityException",
    message: `Policy ${PolicyArn} does not exist or is not attachable.`,
  });
});

test("an attached policy is listed once, counted, and cannot be deleted", () => {
  const operations = openWithRole();
  const created = operations.CreatePolicy.run({ PolicyName: "own", PolicyDocument: policy }, context).Policy;
  const PolicyArn = created?.Arn as string;
  assert.equal(PolicyArn, `arn:aws:iam::${account}:policy/own`);
  operations.AttachRolePolicy.run({ ...role, PolicyArn }, context);
  operations.AttachRolePolicy.run({ ...role, PolicyArn }, context);
  assert.deepEqual(operations.ListAttachedRolePolicies.run(role, context).AttachedPolicies, [
    { PolicyName: "own", PolicyArn },
  ]);
  assert.equal(operations.GetPolicy.run({ PolicyArn }, context).Policy?.AttachmentCount, 1);
  assert.throws(() => operations.DeletePolicy.run({ PolicyArn }, context), { name: "DeleteConflictException" });
  operations.DetachRolePolicy.run({ ...role, PolicyArn }, context);
  operations.DeletePolicy.run({ PolicyArn }, context);
  assert.throws(() => operations.GetPolicy.run({ PolicyArn }, context), {
    message: `Policy ${PolicyArn} was not found.`,
  });
});

test("a policy's only version is v1", () => {
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
  const operations = open();
  const version = operations.GetPolicyVersion.run({ PolicyArn, VersionId: "v1" }, context).PolicyVersion;
  assert.match(decodeURIComponent(version?.Document ?? ""), /"ecr:GetAuthorizationToken"/);
  assert.throws(() => operations.GetPolicyVersion.run({ PolicyArn, VersionId: "v2" }, context), {
    name: "NoSuchEntityException",
  });
});

test("lists come in pages", () => {
  const operations = open();
  for (const RoleName of ["a", "b", "c"])
    operations.CreateRole.run({ RoleName, AssumeRolePolicyDocument: trust }, context);
  const first = operations.ListRoles.run({ MaxItems: 2 }, context);
  assert.deepEqual(
    first.Roles?.map(({ RoleName }) => RoleName),
    ["a", "b"],
  );
  assert.equal(first.IsTruncated, true);
  const second = operations.ListRoles.run({ MaxItems: 2, Marker: first.Marker }, context);
  assert.deepEqual(
    second.Roles?.map(({ RoleName }) => RoleName),
    ["c"],
  );
  assert.equal(second.IsTruncated, false);
});

test("ListPolicies tells the customer's own from AWS's and finds those in use", () => {
  const operations = openWithRole();
  operations.CreatePolicy.run({ PolicyName: "own", PolicyDocument: policy }, context);
  const names = (input: Parameters<typeof operations.ListPolicies.run>[0]) =>
    operations.ListPolicies.run(input, context).Policies?.map(({ PolicyName }) => PolicyName);
  assert.deepEqual(names({ Scope: "Local" }), ["own"]);
  assert.ok(names({ Scope: "AWS" })?.includes("AdministratorAccess"));
  assert.deepEqual(names({ OnlyAttached: true }), []);
});

test("tags are added, replaced and removed", () => {
  const operations = openWithRole();
  operations.TagRole.run(
    {
      ...role,
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    },
    context,
  );
  operations.TagRole.run({ ...role, Tags: [{ Key: "a", Value: "3" }] }, context);
  operations.UntagRole.run({ ...role, TagKeys: ["b"] }, context);
  assert.deepEqual(operations.ListRoleTags.run(role, context).Tags, [{ Key: "a", Value: "3" }]);
});

test("permissions are asked on the role's ARN with its path", () => {
  const operations = open();
  const resources = () => operations.GetRole.permissions(role, { ...context, operation: "GetRole" });
  assert.deepEqual(resources(), [{ action: "iam:GetRole", resource: `arn:aws:iam::${account}:role/builder` }]);
  operations.CreateRole.run({ ...role, Path: "/ci/", AssumeRolePolicyDocument: trust }, context);
  assert.deepEqual(resources(), [{ action: "iam:GetRole", resource: `arn:aws:iam::${account}:role/ci/builder` }]);
});

test("SimulatePrincipalPolicy answers as the role's calls would be answered", () => {
  const operations = openWithRole();
  operations.PutRolePolicy.run({ ...role, PolicyName: "p", PolicyDocument: policy }, context);
  const PolicySourceArn = `arn:aws:iam::${account}:role/builder`;
  const input = { PolicySourceArn, ActionNames: ["s3:GetObject", "ecr:PutImage"] };
  const results = operations.SimulatePrincipalPolicy.run(input, context).EvaluationResults;
  assert.deepEqual(
    results?.map(({ EvalDecision }) => EvalDecision),
    ["allowed", "implicitDeny"],
  );
});
