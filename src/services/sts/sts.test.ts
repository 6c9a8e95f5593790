import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation, Principal } from "../../aws-api/service.ts";
import { stsOperations } from "./operations.ts";
import { openSts, type RoleDirectory } from "./sts.ts";

const account = "111122223333";
const builder = {
  arn: `arn:aws:iam::${account}:role/builder`,
  roleId: "AROABUILDER",
  name: "builder",
  maxSessionDuration: 7200,
  trustPolicy: JSON.stringify({
    Statement: { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:role/path/friend` } },
  }),
};

/** Trusts CodeBuild, everybody whose ARN has "friend" or "root", and whoever knows the external ID. */
const roles: RoleDirectory = {
  findRole: (arn) => (arn === builder.arn ? builder : undefined),
  trusts: (_policy, { service, principalArn = "", conditionValues }) =>
    service === "codebuild.amazonaws.com" ||
    /friend|root/.test(principalArn) ||
    conditionValues?.["sts:externalid"] === "known",
};

function open() {
  const clock = { time: new Date("2026-11-24T10:00:00.900Z") };
  const sts = openSts({ account, roles, now: () => clock.time });
  return { clock, sts, operations: stsOperations(sts) };
}

const root: Principal = { arn: `arn:aws:iam::${account}:root`, account, userId: account };
const friend: Principal = {
  arn: `arn:aws:sts::${account}:assumed-role/friend/x`,
  account,
  userId: "AROAFRIEND:x",
  roleName: "friend",
};

const contextOf = (principal: Principal) => ({
  service: "sts",
  operation: "",
  requestId: "1",
  region: "eu-west-1",
  account,
  principal,
});

async function run<Input, Output>(row: Operation<Input, Output> | undefined, input: Input, principal = root) {
  assert.ok(row);
  return row.run(input, contextOf(principal));
}

const assume = (input: object) => ({ RoleArn: builder.arn, RoleSessionName: "one", ...input });

test("says who calls", async () => {
  const { operations } = open();
  const identity = await run(operations.GetCallerIdentity, {}, friend);
  assert.deepEqual(identity, { UserId: friend.userId, Account: account, Arn: friend.arn });
});

test("gives a session of a role, whose key is known until it is revoked", async () => {
  const { sts, operations } = open();
  const { Credentials, AssumedRoleUser } = await run(operations.AssumeRole, assume({ DurationSeconds: 900 }));
  assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${account}:assumed-role/builder/one`);
  assert.equal(AssumedRoleUser?.AssumedRoleId, "AROABUILDER:one");
  assert.match(Credentials?.AccessKeyId ?? "", /^ASIA[A-Z2-7]{16}$/);
  assert.equal(Credentials?.Expiration?.toISOString(), "2026-11-24T10:15:00.000Z");
  const found = sts.findCredential(Credentials?.AccessKeyId ?? "");
  assert.equal(found?.secretAccessKey, Credentials?.SecretAccessKey);
  assert.equal(found?.sessionToken, Credentials?.SessionToken);
  assert.equal(found?.principal.roleName, "builder");
  assert.ok(found && sts.isLive(found.principal));
  sts.revoke(found.accessKeyId);
  assert.equal(sts.findCredential(found.accessKeyId), undefined);
  assert.equal(sts.isLive(found.principal), false);
});

test("knows an expired key for a while, so that its user is told why, and then forgets it", () => {
  const { sts, clock } = open();
  const request = { roleArn: builder.arn, sessionName: "one", caller: root, durationSeconds: 900 };
  const { accessKeyId, principal } = sts.assumeRole(request);
  clock.time = new Date(clock.time.getTime() + 1000_000);
  sts.assumeRole({ ...request, sessionName: "two" });
  assert.ok(sts.findCredential(accessKeyId));
  assert.equal(sts.isLive(principal), false);
  clock.time = new Date(clock.time.getTime() + 4000_000);
  sts.assumeRole({ ...request, sessionName: "three" });
  assert.equal(sts.findCredential(accessKeyId), undefined);
});

test("gives the account's root under the key test", () => {
  const { sts } = open();
  assert.deepEqual(sts.findCredential("test")?.principal, root);
  assert.equal(sts.findCredential("other"), undefined);
});

const stranger = { ...friend, arn: `arn:aws:sts::${account}:assumed-role/stranger/x`, roleName: "stranger" };

test("refuses a role that does not trust the caller, or does not exist, in the same words", async () => {
  const { operations } = open();
  const message = `User: ${stranger.arn} is not authorized to perform: sts:AssumeRole on resource: ${builder.arn}`;
  await assert.rejects(run(operations.AssumeRole, assume({}), stranger), { name: "AccessDenied", message });
  const missing = assume({ RoleArn: `arn:aws:iam::${account}:role/missing` });
  await assert.rejects(run(operations.AssumeRole, missing), { name: "AccessDenied", message: /role\/missing$/ });
  await run(operations.AssumeRole, assume({ ExternalId: "known" }), stranger);
});

const refusedInputs: [title: string, input: object, message: RegExp, caller?: Principal][] = [
  ["of a session policy", { Policy: "{}" }, /does not support Policy/],
  ["of session tags", { Tags: [{ Key: "a", Value: "b" }] }, /does not support Tags/],
  ["with a blank in the session's name", { RoleSessionName: "a b" }, /'a b' at 'roleSessionName'.*pattern/],
  ["with a session's name of one letter", { RoleSessionName: "a" }, /greater than or equal to 2/],
  ["of less than 15 minutes", { DurationSeconds: 899 }, /'899' at 'durationSeconds'.*equal to 900/],
  ["of more than 12 hours", { DurationSeconds: 43_201 }, /less than or equal to 43200/],
  ["beyond the role's longest session", { DurationSeconds: 7201 }, /exceeds the MaxSessionDuration/],
  ["of more than an hour from another role", { DurationSeconds: 3601 }, /1 hour session limit/, friend],
];
for (const [title, input, message, caller] of refusedInputs) {
  test(`refuses to assume a role ${title}`, async () => {
    const { operations } = open();
    await assert.rejects(run(operations.AssumeRole, assume(input), caller), { name: "ValidationError", message });
  });
}

test("asks for sts:AssumeRole on the role, except where the role names the caller's role", () => {
  const { operations } = open();
  const row = operations.AssumeRole;
  assert.ok(row);
  assert.deepEqual(row.permissions(assume({}), contextOf(stranger)), [
    { action: "sts:AssumeRole", resource: builder.arn },
  ]);
  assert.deepEqual(row.permissions(assume({}), contextOf(friend)), []);
});

test("gives CodeBuild the role of its project, and refuses another service with AWS's advice", () => {
  const { sts } = open();
  const request = { roleArn: builder.arn, sessionName: "AWSCodeBuild-1", durationSeconds: 3600 };
  const { principal } = sts.assumeServiceRole({ ...request, service: "codebuild.amazonaws.com" });
  assert.equal(principal.arn, `arn:aws:sts::${account}:assumed-role/builder/AWSCodeBuild-1`);
  const other = { ...request, service: "ecs-tasks.amazonaws.com" };
  assert.throws(() => sts.assumeServiceRole(other), {
    name: "AccessDenied",
    message: /^ecs-tasks.amazonaws.com is not/,
  });
  const missing = { ...request, roleArn: "arn:aws:iam::1:role/none", service: "codebuild.amazonaws.com" };
  assert.throws(() => sts.assumeServiceRole(missing), {
    name: "AccessDenied",
    message: /^CodeBuild is not authorized to perform: sts:AssumeRole on service role\. Please verify that: 1\)/,
  });
});

test("gives the root a session of its own, and a role's session none", async () => {
  const { sts, operations } = open();
  const { Credentials } = await run(operations.GetSessionToken, { DurationSeconds: 7200 });
  assert.deepEqual(sts.findCredential(Credentials?.AccessKeyId ?? "")?.principal, root);
  assert.equal(Credentials?.Expiration?.toISOString(), "2026-11-24T11:00:00.000Z");
  await assert.rejects(run(operations.GetSessionToken, {}, friend), { name: "AccessDenied" });
});
