import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallContext, Permission } from "../../aws-api/service.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { createAuthorizer } from "./authorize.ts";
import { createDecisionLog, deniedActions, unusedPermissions } from "./decision-log.ts";
import { createIamId } from "./iam-id.ts";
import { openIamStore } from "./iam-store.ts";
import { iamOperations } from "./operations.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import { findRolePolicies } from "./role.ts";

const account = "123456789012";
const root: CallContext = {
  service: "iam",
  operation: "CreateRole",
  requestId: "1",
  region: "eu-west-1",
  account,
  principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
};
const trust = JSON.stringify({ Statement: { Effect: "Allow", Action: "sts:AssumeRole", Principal: "*" } });
const allow = (Action: unknown, Resource: unknown = "*", more = {}) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource, ...more }] });

function open({ now = () => new Date("2026-11-24T00:00:00Z") } = {}) {
  const iam = openIamStore(openSqliteStore(":memory:"));
  const operations = iamOperations({ iam, createId: createIamId, now: () => new Date() });
  const decisions = createDecisionLog();
  const authorizer = createAuthorizer({
    decisions,
    now,
    findRolePolicies: (name) => findRolePolicies(iam, name),
    version: () => iam.roles.version() + iam.policies.version(),
  });
  const createRole = (input: { PermissionsBoundary?: string; Tags?: { Key: string; Value: string }[] } = {}) => {
    const output = operations.CreateRole.run({ RoleName: "builder", AssumeRolePolicyDocument: trust, ...input }, root);
    return output.Role?.RoleId as string;
  };
  const put = (PolicyDocument: string, PolicyName = "own") =>
    operations.PutRolePolicy.run({ RoleName: "builder", PolicyName, PolicyDocument }, root);
  const ask = (roleId: string, ...permissions: Permission[]) =>
    authorizer.authorize(sessionOf(roleId), permissions)?.message;
  return { operations, decisions, authorizer, createRole, put, ask };
}

function sessionOf(roleId: string): CallContext {
  const arn = `arn:aws:sts::${account}:assumed-role/builder/one`;
  return { ...root, principal: { arn, account, userId: `${roleId}:one`, roleName: "builder" } };
}

const session = `arn:aws:sts::${account}:assumed-role/builder/one`;
const token = { action: "ecr:GetAuthorizationToken", resource: "*" };

test("the root may do everything and leaves no decision", () => {
  const { authorizer, decisions } = open();
  assert.equal(authorizer.authorize(root, [token]), undefined);
  assert.deepEqual(decisions.list(), []);
});

test("a role without policies is refused in AWS's words", () => {
  const { createRole, ask } = open();
  assert.equal(
    ask(createRole(), token),
    `User: ${session} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action`,
  );
});

test("an explicit deny is named, and S3 puts the resource into quotation marks", () => {
  const { createRole, put, ask } = open();
  const roleId = createRole();
  put(JSON.stringify({ Statement: { Effect: "Deny", Action: "s3:*", Resource: "*" } }));
  assert.equal(
    ask(roleId, { action: "s3:GetObject", resource: "arn:aws:s3:::b/k" }),
    `User: ${session} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in an identity-based policy`,
  );
});

test("a policy that is changed applies to the next call", () => {
  const { createRole, put, ask, operations } = open();
  const roleId = createRole();
  put(allow("ecr:*"));
  assert.equal(ask(roleId, token), undefined);
  operations.DeleteRolePolicy.run({ RoleName: "builder", PolicyName: "own" }, root);
  assert.match(ask(roleId, token) ?? "", /not authorized/);
});

test("a policy with a date is decided by the time of each call", () => {
  let time = "2026-11-24T00:00:00Z";
  const { createRole, put, ask } = open({ now: () => new Date(time) });
  const roleId = createRole();
  put(allow("ecr:*", "*", { Condition: { DateLessThan: { "aws:CurrentTime": "2026-11-24T12:00:00Z" } } }));
  assert.equal(ask(roleId, token), undefined);
  time = "2026-11-24T13:00:00Z";
  assert.match(ask(roleId, token) ?? "", /not authorized/);
});

test("a decision is recorded once, however often it is made", () => {
  const { createRole, put, ask, decisions } = open();
  const roleId = createRole();
  put(allow("ecr:*"));
  for (let call = 0; call < 3; call++) ask(roleId, token);
  put(allow("s3:*"));
  for (let call = 0; call < 3; call++) ask(roleId, token);
  assert.deepEqual(
    decisions.list().map(({ reason }) => reason),
    ["allowed", "implicitDeny"],
  );
});

test("managed policies count like inline ones", () => {
  const { createRole, ask, operations } = open();
  const roleId = createRole();
  operations.AttachRolePolicy.run(
    { RoleName: "builder", PolicyArn: "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly" },
    root,
  );
  assert.equal(ask(roleId, token), undefined);
  assert.match(ask(roleId, { action: "ecr:PutImage", resource: "arn:aws:ecr:::repository/x" }) ?? "", /ecr:PutImage/);
});

test("every permission of a call must be allowed, and the first that is not is named", () => {
  const { createRole, put, ask, decisions } = open();
  const roleId = createRole();
  put(allow("s3:GetObject"));
  const message = ask(roleId, { action: "s3:GetObject", resource: "*" }, token, { action: "x:y", resource: "*" });
  assert.match(message ?? "", /ecr:GetAuthorizationToken/);
  assert.deepEqual(
    decisions.list().map(({ action, allowed }) => [action, allowed]),
    [
      ["s3:GetObject", true],
      ["ecr:GetAuthorizationToken", false],
      ["x:y", false],
    ],
  );
});

test("a session of a deleted role has no rights, even where a new role has the name", () => {
  const { createRole, put, ask, operations } = open();
  const roleId = createRole();
  put(allow("*"));
  assert.equal(ask(roleId, token), undefined);
  operations.DeleteRolePolicy.run({ RoleName: "builder", PolicyName: "own" }, root);
  operations.DeleteRole.run({ RoleName: "builder" }, root);
  assert.match(ask(roleId, token) ?? "", /no identity-based policy/);
  createRole();
  put(allow("*"));
  assert.match(ask(roleId, token) ?? "", /no identity-based policy/);
});

test("a permissions boundary limits what the policies allow", () => {
  const { createRole, put, ask } = open();
  const roleId = createRole({ PermissionsBoundary: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" });
  put(allow("*"));
  assert.equal(ask(roleId, { action: "s3:GetObject", resource: "*" }), undefined);
  assert.match(
    ask(roleId, token) ?? "",
    /because no permissions boundary allows the ecr:GetAuthorizationToken action$/,
  );
});

test("conditions see the call's region, account, time, role and the role's tags", () => {
  const { createRole, put, ask } = open();
  const roleId = createRole({ Tags: [{ Key: "Team", Value: "web" }] });
  put(
    allow("ecr:*", "*", {
      Condition: {
        StringEquals: {
          "aws:RequestedRegion": "eu-west-1",
          "aws:PrincipalAccount": account,
          "aws:PrincipalTag/Team": "web",
        },
        ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/builder" },
        DateGreaterThan: { "aws:CurrentTime": "2026-11-23T00:00:00Z" },
        StringLike: { "aws:userid": "*:one" },
      },
    }),
  );
  assert.equal(ask(roleId, token), undefined);
});

test("a condition sees the values that the call itself brings", () => {
  const { createRole, put, ask } = open();
  const roleId = createRole();
  put(allow("iam:PassRole", "*", { Condition: { StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" } } }));
  const pass = (service: string) =>
    ask(roleId, { action: "iam:PassRole", resource: "*", conditionValues: { "iam:passedtoservice": service } });
  assert.equal(pass("ecs.amazonaws.com"), undefined);
  assert.match(pass("ec2.amazonaws.com") ?? "", /iam:PassRole/);
});

test("what was denied is listed once", () => {
  const { createRole, ask, decisions } = open();
  const roleId = createRole();
  ask(roleId, token);
  ask(roleId, token);
  assert.deepEqual(deniedActions(decisions), [{ ...token, principal: session }]);
});

test("a permission is unused where no allowed call of the role matches it as written", () => {
  const { createRole, put, ask, decisions } = open();
  const roleId = createRole();
  const document = allow(["ecr:Get*", "s3:GetObject", "ecr:PutImage"], ["*", "arn:aws:s3:::demo/*"]);
  put(document);
  ask(roleId, token, { action: "s3:GetObject", resource: "arn:aws:s3:::demo/k" });
  assert.deepEqual(unusedPermissions("builder", [parsePolicyDocument(document, "identity")], decisions), [
    { action: "ecr:Get*", resource: "arn:aws:s3:::demo/*" },
    { action: "ecr:PutImage", resource: "*" },
    { action: "ecr:PutImage", resource: "arn:aws:s3:::demo/*" },
  ]);
  assert.equal(unusedPermissions("other", [parsePolicyDocument(document, "identity")], decisions).length, 6);
});

test("the decision log keeps the newest of different decisions up to its limit", () => {
  const log = createDecisionLog({ limit: 2 });
  for (const action of ["a:1", "a:2", "a:3", "a:4", "a:5"]) {
    log.record({
      roleName: "r",
      principalArn: "p",
      action,
      resource: "*",
      allowed: true,
      reason: "allowed",
    });
  }
  assert.deepEqual(
    log.list().map(({ action }) => action),
    ["a:4", "a:5"],
  );
});
