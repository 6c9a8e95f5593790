import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import type { Operation, Permission } from "../../aws-api/service.ts";
import { secretBoxOf } from "../../store/secret-box.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { secretsManagerOperations } from "./operations.ts";

const stores: ReturnType<typeof openSqliteStore>[] = [];
after(() => {
  for (const store of stores) store.close();
});

const account = "111122223333";
const day = 24 * 3600_000;
const prefix = `arn:aws:secretsmanager:eu-west-1:${account}:secret:`;

function open() {
  const store = openSqliteStore(":memory:");
  stores.push(store);
  const clock = { time: Date.parse("2026-11-24T10:00:00Z") };
  const operations = secretsManagerOperations({
    store,
    box: secretBoxOf(Buffer.alloc(32, 1)),
    now: () => new Date(clock.time),
    newUuid: randomUUID,
    newSuffix: () => "AbCdEf",
  });
  return { store, clock, operations };
}

const contextOf = (region: string) => ({
  service: "secretsmanager",
  operation: "",
  requestId: "1",
  region,
  account,
  principal: { arn: "arn", account, userId: "1" },
});

async function run<Input, Output>(row: Operation<Input, Output> | undefined, input: Input, region = "eu-west-1") {
  assert.ok(row);
  return row.run(input, contextOf(region));
}

function permissionOf<Input>(row: Operation<Input, unknown> | undefined, input: Input): Permission | undefined {
  return row?.permissions(input, contextOf("eu-west-1"))[0];
}

const value = async (operations: ReturnType<typeof open>["operations"], input: object) =>
  (await run(operations.GetSecretValue, { SecretId: "hub", ...input })).SecretString;

test("gives a secret's value by its name, its ARN, and its ARN without the last six characters", async () => {
  const { operations } = open();
  const { ARN, VersionId } = await run(operations.CreateSecret, { Name: "a/hub", SecretString: "s" });
  assert.equal(ARN, `${prefix}a/hub-AbCdEf`);
  for (const SecretId of ["a/hub", ARN, `${prefix}a/hub`]) {
    const found = await run(operations.GetSecretValue, { SecretId });
    assert.deepEqual(found, {
      ARN,
      Name: "a/hub",
      VersionId,
      SecretString: "s",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: new Date("2026-11-24T10:00:00Z"),
    });
  }
});

test("finds a secret whose name ends like an ARN does", async () => {
  const { operations } = open();
  await run(operations.CreateSecret, { Name: "key-abcdef", SecretString: "s" });
  for (const SecretId of ["key-abcdef", `${prefix}key-abcdef`, `${prefix}key-abcdef-AbCdEf`]) {
    assert.equal((await run(operations.GetSecretValue, { SecretId })).SecretString, "s");
  }
});

test("keeps secrets of two regions apart", async () => {
  const { operations } = open();
  await run(operations.CreateSecret, { Name: "hub", SecretString: "one" });
  await run(operations.CreateSecret, { Name: "hub", SecretString: "two" }, "us-east-1");
  assert.equal((await run(operations.GetSecretValue, { SecretId: "hub" }, "us-east-1")).SecretString, "two");
  assert.equal((await run(operations.ListSecrets, {}, "us-east-1")).SecretList?.length, 1);
  const elsewhere = run(operations.GetSecretValue, { SecretId: `${prefix}hub` }, "us-east-1");
  await assert.rejects(elsewhere, { name: "ResourceNotFoundException" });
});

test("stores neither text nor bytes in clear", async () => {
  const { operations, store } = open();
  await run(operations.CreateSecret, { Name: "text", SecretString: "correct-horse" });
  const { ARN } = await run(operations.CreateSecret, { Name: "bytes", SecretBinary: Buffer.from("correct-horse") });
  const stored = JSON.stringify(store.collection("secretsmanager.secret").list());
  assert.ok(stored.includes("bytes"));
  assert.ok(!stored.includes("correct-horse"));
  assert.ok(!stored.includes(Buffer.from("correct-horse").toString("base64")));
  const { SecretBinary } = await run(operations.GetSecretValue, { SecretId: ARN });
  assert.equal(Buffer.from(SecretBinary ?? []).toString(), "correct-horse");
});

test("moves AWSCURRENT to a new value and AWSPREVIOUS to the one before", async () => {
  const { operations } = open();
  const first = await run(operations.CreateSecret, { Name: "hub", SecretString: "1" });
  await run(operations.PutSecretValue, { SecretId: "hub", SecretString: "2" });
  const third = await run(operations.UpdateSecret, { SecretId: "hub", SecretString: "3", Description: "d" });
  assert.equal(await value(operations, {}), "3");
  assert.equal(await value(operations, { VersionStage: "AWSPREVIOUS" }), "2");
  assert.equal(await value(operations, { VersionId: first.VersionId }), "1");
  await assert.rejects(value(operations, { VersionId: third.VersionId, VersionStage: "AWSPREVIOUS" }), {
    name: "ResourceNotFoundException",
  });
  const described = await run(operations.DescribeSecret, { SecretId: "hub" });
  assert.equal(described.Description, "d");
  assert.deepEqual(described.VersionIdsToStages?.[third.VersionId ?? ""], ["AWSCURRENT"]);
  assert.equal(described.VersionIdsToStages?.[first.VersionId ?? ""], undefined);
  const staged = await run(operations.ListSecretVersionIds, { SecretId: "hub" });
  const all = await run(operations.ListSecretVersionIds, { SecretId: "hub", IncludeDeprecated: true });
  assert.deepEqual([staged.Versions?.length, all.Versions?.length], [2, 3]);
});

test("puts a value under stages of one's own, and moves them", async () => {
  const { operations } = open();
  const { VersionId: first } = await run(operations.CreateSecret, { Name: "hub", SecretString: "1" });
  const pending = { SecretId: "hub", SecretString: "2", VersionStages: ["AWSPENDING"] };
  const { VersionId: second } = await run(operations.PutSecretValue, pending);
  assert.equal(await value(operations, {}), "1");
  assert.equal(await value(operations, { VersionStage: "AWSPENDING" }), "2");
  const move = { SecretId: "hub", VersionStage: "AWSCURRENT", MoveToVersionId: second };
  await assert.rejects(run(operations.UpdateSecretVersionStage, move), { name: "InvalidParameterException" });
  await run(operations.UpdateSecretVersionStage, { ...move, RemoveFromVersionId: first });
  assert.equal(await value(operations, {}), "2");
  assert.equal(await value(operations, { VersionStage: "AWSPREVIOUS" }), "1");
  const removal = { SecretId: "hub", VersionStage: "AWSCURRENT", RemoveFromVersionId: second };
  await assert.rejects(run(operations.UpdateSecretVersionStage, removal), /AWSCURRENT/);
});

test("takes a second try with the same token for the first, and another value for a mistake", async () => {
  const { operations } = open();
  const ClientRequestToken = randomUUID();
  const creation = { Name: "hub", SecretString: "1", ClientRequestToken };
  const first = await run(operations.CreateSecret, creation);
  assert.deepEqual(await run(operations.CreateSecret, creation), first);
  await run(operations.PutSecretValue, { SecretId: "hub", SecretString: "1", ClientRequestToken });
  assert.equal((await run(operations.ListSecretVersionIds, { SecretId: "hub" })).Versions?.length, 1);
  const other = run(operations.PutSecretValue, { SecretId: "hub", SecretString: "2", ClientRequestToken });
  await assert.rejects(other, { name: "ResourceExistsException" });
  const short = run(operations.PutSecretValue, { SecretId: "hub", SecretString: "2", ClientRequestToken: "x" });
  await assert.rejects(short, { name: "InvalidParameterException" });
});

test("refuses a secret that is scheduled for deletion, restores it, and drops it when its time has come", async () => {
  const { operations, clock } = open();
  await run(operations.CreateSecret, { Name: "hub", SecretString: "s" });
  const { DeletionDate } = await run(operations.DeleteSecret, { SecretId: "hub", RecoveryWindowInDays: 7 });
  assert.equal(DeletionDate?.getTime(), clock.time + 7 * day);
  const marked = "You can't perform this operation on the secret because it was marked for deletion.";
  await assert.rejects(value(operations, {}), { name: "InvalidRequestException", message: marked });
  await assert.rejects(run(operations.CreateSecret, { Name: "hub" }), /already scheduled for deletion/);
  assert.equal((await run(operations.ListSecrets, {})).SecretList?.length, 0);
  assert.equal((await run(operations.ListSecrets, { IncludePlannedDeletion: true })).SecretList?.length, 1);
  await run(operations.RestoreSecret, { SecretId: "hub" });
  assert.equal(await value(operations, {}), "s");
  await run(operations.DeleteSecret, { SecretId: "hub" });
  clock.time += 31 * day;
  await assert.rejects(run(operations.DescribeSecret, { SecretId: "hub" }), { name: "ResourceNotFoundException" });
  await run(operations.CreateSecret, { Name: "hub", SecretString: "again" });
});

test("removes a secret at once where that is asked for, also one that is not there", async () => {
  const { operations } = open();
  await run(operations.CreateSecret, { Name: "hub", SecretString: "s" });
  const forced = { SecretId: "hub", ForceDeleteWithoutRecovery: true };
  await run(operations.DeleteSecret, forced);
  await assert.rejects(value(operations, {}), {
    name: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret.",
  });
  await run(operations.DeleteSecret, forced);
  await assert.rejects(run(operations.DeleteSecret, { ...forced, RecoveryWindowInDays: 7 }), /in conjunction/);
  await assert.rejects(run(operations.DeleteSecret, { SecretId: "hub", RecoveryWindowInDays: 6 }), /between 7 and 30/);
});

type Names = keyof ReturnType<typeof open>["operations"];
const refusals: [title: string, operation: Names, input: object, name: string][] = [
  ["a name with a blank", "CreateSecret", { Name: "a b" }, "ValidationException"],
  ["a name that is taken", "CreateSecret", { Name: "hub", SecretString: "x" }, "ResourceExistsException"],
  [
    "text and bytes",
    "CreateSecret",
    { Name: "b", SecretString: "x", SecretBinary: Buffer.of(1) },
    "InvalidParameterException",
  ],
  ["neither text nor bytes", "PutSecretValue", { SecretId: "hub" }, "InvalidRequestException"],
  ["more than 64 KiB", "PutSecretValue", { SecretId: "hub", SecretString: "é".repeat(32_769) }, "ValidationException"],
  ["a key of one's own", "CreateSecret", { Name: "b", KmsKeyId: "alias/mine" }, "InvalidParameterException"],
  ["replicas", "CreateSecret", { Name: "b", AddReplicaRegions: [{ Region: "x" }] }, "InvalidParameterException"],
  ["a page of 101", "ListSecrets", { MaxResults: 101 }, "ValidationException"],
  ["a made-up page token", "ListSecrets", { NextToken: "?" }, "InvalidNextTokenException"],
];
for (const [title, operation, input, name] of refusals) {
  test(`refuses ${title} (${operation})`, async () => {
    const { operations } = open();
    await run(operations.CreateSecret, { Name: "hub", SecretString: "s" });
    const row = operations[operation] as Operation<object, unknown> | undefined;
    await assert.rejects(run(row, input), { name });
  });
}

test("lists by filters and in pages", async () => {
  const { operations, clock } = open();
  for (const [Name, Value] of [
    ["app/one", "red"],
    ["app/two", "blue"],
    ["other", "red"],
  ] as const) {
    clock.time += 1000;
    await run(operations.CreateSecret, { Name, Description: `The ${Name} secret`, Tags: [{ Key: "colour", Value }] });
  }
  const list = async (input: object) =>
    (await run(operations.ListSecrets, input)).SecretList?.map(({ Name }) => Name).join(" ");
  const by = (Key: string, ...Values: string[]) => list({ Filters: [{ Key, Values }] });
  assert.equal(await list({}), "app/one app/two other");
  assert.equal(await list({ SortOrder: "desc" }), "other app/two app/one");
  assert.equal(await by("name", "app/"), "app/one app/two");
  assert.equal(await by("name", "!app/"), "other");
  assert.equal(await by("tag-value", "red"), "app/one other");
  assert.equal(await by("tag-key", "colour"), "app/one app/two other");
  assert.equal(await by("description", "OTHER"), "other");
  assert.equal(await by("all", "two"), "app/two");
  const first = await run(operations.ListSecrets, { MaxResults: 2 });
  assert.equal(first.SecretList?.length, 2);
  assert.equal(await list({ MaxResults: 2, NextToken: first.NextToken }), "other");
});

test("asks for the permission on the secret's real ARN, with its tags", async () => {
  const { operations } = open();
  const get = operations.GetSecretValue;
  assert.deepEqual(permissionOf(get, { SecretId: "hub" }), {
    action: "secretsmanager:GetSecretValue",
    resource: `${prefix}hub`,
    conditionValues: { "secretsmanager:secretid": `${prefix}hub` },
  });
  await run(operations.CreateSecret, { Name: "hub", SecretString: "s" });
  await run(operations.TagResource, { SecretId: "hub", Tags: [{ Key: "Team", Value: "a" }] });
  await run(operations.TagResource, {
    SecretId: "hub",
    Tags: [
      { Key: "Team", Value: "b" },
      { Key: "x", Value: "y" },
    ],
  });
  await run(operations.UntagResource, { SecretId: "hub", TagKeys: ["x"] });
  assert.deepEqual(permissionOf(get, { SecretId: "hub", VersionStage: "AWSCURRENT" }), {
    action: "secretsmanager:GetSecretValue",
    resource: `${prefix}hub-AbCdEf`,
    conditionValues: {
      "secretsmanager:secretid": `${prefix}hub-AbCdEf`,
      "secretsmanager:versionstage": "AWSCURRENT",
      "aws:resourcetag/team": "b",
      "secretsmanager:resourcetag/team": "b",
    },
  });
});

test("makes passwords of what is asked for", async () => {
  const { operations } = open();
  const make = async (input: object) => (await run(operations.GetRandomPassword, input)).RandomPassword ?? "";
  assert.equal((await make({})).length, 32);
  assert.match(await make({ PasswordLength: 4 }), /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^a-zA-Z0-9]).{4}$/);
  const digits = {
    ExcludeLowercase: true,
    ExcludeUppercase: true,
    ExcludePunctuation: true,
    ExcludeCharacters: "02468",
  };
  assert.match(await make({ ...digits, PasswordLength: 50 }), /^[13579]{50}$/);
  await assert.rejects(make({ PasswordLength: 3 }), { name: "InvalidParameterException" });
});
