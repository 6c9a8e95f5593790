import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { CallContext, Permission } from "../../aws-api/service.ts";
import { secretBoxOf } from "../../store/secret-box.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { ssmOperations } from "./operations.ts";

const account = "111122223333";
const context: CallContext = {
  service: "ssm",
  operation: "",
  requestId: "1",
  region: "eu-west-1",
  account,
  principal: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
};
const prefix = `arn:aws:ssm:eu-west-1:${account}:parameter`;

function open(t: TestContext) {
  const store = openSqliteStore(":memory:");
  t.after(() => store.close());
  const clock = { time: Date.parse("2026-11-24T10:00:00Z") };
  const box = secretBoxOf(Buffer.alloc(32, 1));
  const operations = ssmOperations({ store, box, now: () => new Date(clock.time) });
  const call = async <Name extends keyof typeof operations>(
    name: Name,
    input: Parameters<NonNullable<(typeof operations)[Name]>["run"]>[0],
    region = "eu-west-1",
  ) => {
    const operation = operations[name] as { run(input: unknown, context: CallContext): unknown };
    const output = await operation.run(input, { ...context, region });
    return output as Awaited<ReturnType<NonNullable<(typeof operations)[Name]>["run"]>>;
  };
  const put = (Name: string, Value: string, rest: object = {}) =>
    call("PutParameter", { Name, Value, Type: "String", ...rest });
  const names = async (input: object) =>
    (await call("DescribeParameters", input)).Parameters?.map(({ Name }) => Name) ?? [];
  return { store, operations, call, put, names };
}

test("gives a parameter by its name, its ARN, a version and a label", async (t) => {
  const { call, put } = open(t);
  assert.deepEqual(await put("/a/b", "1"), { Version: 1, Tier: "Standard" });
  await put("/a/b", "2", { Overwrite: true });
  await call("LabelParameterVersion", { Name: "/a/b", ParameterVersion: 1, Labels: ["live"] });
  for (const [Name, value, Selector] of [
    ["/a/b", "2", undefined],
    [`${prefix}/a/b`, "2", undefined],
    ["/a/b:1", "1", ":1"],
    ["/a/b:live", "1", ":live"],
    [`${prefix}/a/b:1`, "1", ":1"],
  ] as const) {
    const { Parameter } = await call("GetParameter", { Name });
    assert.deepEqual([Parameter?.Name, Parameter?.Value, Parameter?.Selector], ["/a/b", value, Selector], Name);
  }
  const { Parameter } = await call("GetParameter", { Name: "/a/b" });
  assert.deepEqual(Parameter, {
    ...{ Name: "/a/b", Type: "String", Value: "2", Version: 2, ARN: `${prefix}/a/b`, DataType: "text" },
    LastModifiedDate: new Date("2026-11-24T10:00:00Z"),
  });
});

test("a name without a slash has one in its ARN", async (t) => {
  const { call, put } = open(t);
  await put("plain", "x");
  const { Parameter } = await call("GetParameter", { Name: `${prefix}/plain` });
  assert.deepEqual([Parameter?.Name, Parameter?.ARN], ["plain", `${prefix}/plain`]);
  await assert.rejects(call("GetParameter", { Name: "/plain" }), { name: "ParameterNotFound" });
});

test("stores no value in clear, and shows a SecureString only to who asks for its decryption", async (t) => {
  const { call, put, store } = open(t);
  await put("secret", "correct-horse", { Type: "SecureString" });
  await put("plain", "correct-horse");
  assert.doesNotMatch(JSON.stringify(store.collection("ssm.parameter").list()), /correct-horse/);
  const value = async (WithDecryption?: boolean) =>
    (await call("GetParameter", { Name: "secret", WithDecryption })).Parameter?.Value;
  assert.equal(await value(true), "correct-horse");
  assert.notEqual(await value(), "correct-horse");
  assert.equal((await call("GetParameter", { Name: "plain" })).Parameter?.Value, "correct-horse");
  const { Parameters: [metadata] = [] } = await call("DescribeParameters", {
    ParameterFilters: [{ Key: "KeyId", Values: ["alias/aws/ssm"] }],
  });
  assert.deepEqual([metadata?.Name, metadata?.KeyId], ["secret", "alias/aws/ssm"]);
});

test("GetParameters gives what is there, and the names of what is not", async (t) => {
  const { call, put } = open(t);
  await put("a", "1");
  const { Parameters, InvalidParameters } = await call("GetParameters", { Names: ["a", "b", "a:2"] });
  assert.deepEqual(
    Parameters?.map(({ Value }) => Value),
    ["1"],
  );
  assert.deepEqual(InvalidParameters, ["b", "a:2"]);
  const eleven = call("GetParameters", { Names: Array.from({ length: 11 }, (_, index) => `n${index}`) });
  await assert.rejects(eleven, { name: "ValidationException", message: /'names' .*less than or equal to 10/ });
});

test("GetParametersByPath gives one level or all, ten at a time", async (t) => {
  const { call, put } = open(t);
  for (const name of ["/app/a", "/app/b/c", "/apple"]) await put(name, "x");
  const under = async (input: object) =>
    (await call("GetParametersByPath", { Path: "/app", ...input })).Parameters?.map(({ Name }) => Name);
  assert.deepEqual(await under({}), ["/app/a"]);
  assert.deepEqual(await under({ Path: "/app/", Recursive: true }), ["/app/a", "/app/b/c"]);
  for (let index = 0; index < 12; index++) await put(`/many/p${String(index).padStart(2, "0")}`, "x");
  const first = await call("GetParametersByPath", { Path: "/many" });
  const second = await call("GetParametersByPath", { Path: "/many", NextToken: first.NextToken });
  assert.deepEqual([first.Parameters?.length, second.Parameters?.length, second.NextToken], [10, 2, undefined]);
  await assert.rejects(call("GetParametersByPath", { Path: "many" }), { name: "ValidationException" });
  await assert.rejects(call("GetParametersByPath", { Path: "/many", NextToken: "%" }), { name: "InvalidNextToken" });
  const byName = { Path: "/many", ParameterFilters: [{ Key: "Name", Values: ["x"] }] };
  await assert.rejects(call("GetParametersByPath", byName), { name: "InvalidFilterKey" });
});

test("keeps a history of a hundred versions, and a labelled one for ever", async (t) => {
  const { call, put } = open(t);
  await put("a", "1", { Description: "first" });
  for (let index = 2; index <= 101; index++) await put("a", String(index), { Overwrite: true });
  const { Parameters: history = [] } = await call("GetParameterHistory", { Name: "a" });
  assert.deepEqual([history.length, history[0]?.Version, history[0]?.LastModifiedUser], [50, 2, context.principal.arn]);
  await call("LabelParameterVersion", { Name: "a", ParameterVersion: 2, Labels: ["kept"] });
  const one = put("a", "102", { Overwrite: true });
  await assert.rejects(one, { name: "ParameterMaxVersionLimitExceeded", message: /Version 2, the oldest version/ });
});

test("a label is at one version, and wrong labels are told and not set", async (t) => {
  const { call, put } = open(t);
  await put("a", "1");
  await put("a", "2", { Overwrite: true });
  await call("LabelParameterVersion", { Name: "a", ParameterVersion: 1, Labels: ["live"] });
  const moved = await call("LabelParameterVersion", { Name: "a", Labels: ["live", "1st", "aws-x", "a b"] });
  assert.deepEqual(moved, { InvalidLabels: ["1st", "aws-x", "a b"], ParameterVersion: 2 });
  const { Parameters: history = [] } = await call("GetParameterHistory", { Name: "a" });
  assert.deepEqual(
    history.map(({ Labels }) => Labels),
    [[], ["live"]],
  );
  const removed = await call("UnlabelParameterVersion", { Name: "a", ParameterVersion: 2, Labels: ["live", "none"] });
  assert.deepEqual(removed, { RemovedLabels: ["live"], InvalidLabels: ["none"] });
  const many = Array.from({ length: 11 }, (_, index) => `l${index}`);
  const labelled = call("LabelParameterVersion", { Name: "a", Labels: many });
  await assert.rejects(labelled, { name: "ParameterVersionLabelLimitExceeded" });
  const none = call("LabelParameterVersion", { Name: "a", ParameterVersion: 9, Labels: ["x"] });
  await assert.rejects(none, { name: "ParameterVersionNotFound", message: /could not find version 9 of a\./ });
});

test("DescribeParameters filters by name, path, type and tag", async (t) => {
  const { put, names } = open(t);
  await put("/app/a", "x", { Tags: [{ Key: "team", Value: "blue" }] });
  await put("/app/b/c", "x,y", { Type: "StringList" });
  await put("other", "x");
  const by = (Key: string, Values: string[], Option?: string) => names({ ParameterFilters: [{ Key, Values, Option }] });
  assert.deepEqual(await by("Name", ["/app"], "BeginsWith"), ["/app/a", "/app/b/c"]);
  assert.deepEqual(await by("Name", ["the"], "Contains"), ["other"]);
  assert.deepEqual(await by("Path", ["/app"]), ["/app/a"]);
  assert.deepEqual(await by("Path", ["/app"], "Recursive"), ["/app/a", "/app/b/c"]);
  assert.deepEqual(await by("Type", ["StringList"]), ["/app/b/c"]);
  assert.deepEqual(await by("tag:team", ["blue"]), ["/app/a"]);
  assert.deepEqual(await names({ Filters: [{ Key: "Name", Values: ["other"] }] }), ["other"]);
  await assert.rejects(by("Colour", ["x"]), { name: "InvalidFilterKey", message: /not valid: Colour\./ });
  await assert.rejects(by("Type", ["x"], "Near"), { name: "InvalidFilterOption" });
});

test("tags are added, replaced, listed and removed", async (t) => {
  const { call, put } = open(t);
  await put("a", "1", { Tags: [{ Key: "one", Value: "1" }] });
  const target = { ResourceType: "Parameter", ResourceId: "a" } as const;
  await call("AddTagsToResource", {
    ...target,
    Tags: [
      { Key: "one", Value: "2" },
      { Key: "two", Value: "2" },
    ],
  });
  await call("RemoveTagsFromResource", { ...target, TagKeys: ["two"] });
  assert.deepEqual(await call("ListTagsForResource", target), { TagList: [{ Key: "one", Value: "2" }] });
  await assert.rejects(call("ListTagsForResource", { ...target, ResourceId: "b" }), { name: "InvalidResourceId" });
  const other = call("ListTagsForResource", { ...target, ResourceType: "Document" });
  await assert.rejects(other, { message: /does not support tags of the resource type Document/ });
});

test("parameters are deleted one by one and several at once", async (t) => {
  const { call, put, names } = open(t);
  for (const name of ["a", "b", "c"]) await put(name, "x");
  await call("DeleteParameter", { Name: "a" });
  await assert.rejects(call("DeleteParameter", { Name: "a" }), { name: "ParameterNotFound" });
  const deleted = await call("DeleteParameters", { Names: ["a", "b"] });
  assert.deepEqual(deleted, { DeletedParameters: ["b"], InvalidParameters: ["a"] });
  assert.deepEqual(await names({}), ["c"]);
});

test("parameters of two regions are apart", async (t) => {
  const { call, put } = open(t);
  await put("a", "one");
  await assert.rejects(call("GetParameter", { Name: "a" }, "us-east-1"), { name: "ParameterNotFound" });
});

const refused: { title: string; input: object; name: string; message: RegExp }[] = [
  {
    title: "a path without its first slash",
    input: { Name: "a/b" },
    name: "ValidationException",
    message: /fully qualified/,
  },
  {
    title: "a name of AWS",
    input: { Name: "/aws/x" },
    name: "AccessDeniedException",
    message: /^No access to reserved parameter name: \/aws\/x\.$/,
  },
  {
    title: "a name that begins with aws",
    input: { Name: "awsome" },
    name: "ValidationException",
    message: /can't be prefixed with "aws" or "ssm"/,
  },
  {
    title: "a name that begins with ssm",
    input: { Name: "/ssm/x" },
    name: "ValidationException",
    message: /can't be prefixed with "ssm"/,
  },
  {
    title: "a name with a blank",
    input: { Name: "a b" },
    name: "ValidationException",
    message: /can't be prefixed with "ssm"/,
  },
  {
    title: "sixteen levels",
    input: { Name: "/l".repeat(16) },
    name: "HierarchyLevelLimitExceededException",
    message: /15 levels/,
  },
  {
    title: "no type",
    input: { Type: undefined },
    name: "ValidationException",
    message: /^A parameter type is required/,
  },
  { title: "an unknown type", input: { Type: "Number" }, name: "ValidationException", message: /'Number' at 'type'/ },
  { title: "an empty value", input: { Value: "" }, name: "ValidationException", message: /at 'value'/ },
  {
    title: "a value of 4097 characters",
    input: { Value: "x".repeat(4097) },
    name: "ValidationException",
    message: /^Standard tier .* 4096 characters/,
  },
  {
    title: "a value that its pattern excludes",
    input: { AllowedPattern: "\\d+" },
    name: "ParameterPatternMismatchException",
    message: /allowedPattern: \\d\+$/,
  },
  {
    title: "a pattern that is none",
    input: { AllowedPattern: "(" },
    name: "InvalidAllowedPatternException",
    message: /\(/,
  },
  {
    title: "a data type that is none",
    input: { DataType: "Text" },
    name: "ValidationException",
    message: /data type is not supported: Text/,
  },
  {
    title: "a key of one's own",
    input: { Type: "SecureString", KeyId: "alias/mine" },
    name: "ValidationException",
    message: /does not support KeyId/,
  },
  { title: "policies", input: { Policies: "[{}]" }, name: "ValidationException", message: /does not support Policies/ },
  {
    title: "tags and overwrite",
    input: { Overwrite: true, Tags: [{ Key: "a", Value: "b" }] },
    name: "ValidationException",
    message: /tags and overwrite/,
  },
];

for (const { title, input, name, message } of refused) {
  test(`a parameter with ${title} is refused`, async (t) => {
    const { call } = open(t);
    const put = call("PutParameter", { Name: "x", Value: "v", Type: "String", ...input });
    await assert.rejects(put, { name, message });
  });
}

test("an existing parameter is not overwritten unasked, nor changed in its type", async (t) => {
  const { call, put } = open(t);
  await put("a", "1");
  await assert.rejects(put("a", "2"), { name: "ParameterAlreadyExists", message: /^The parameter already exists\. / });
  const changed = put("a", "2", { Overwrite: true, Type: "SecureString" });
  await assert.rejects(changed, { name: "HierarchyTypeMismatchException" });
  await call("PutParameter", { Name: "a", Value: "2", Overwrite: true });
  assert.equal((await call("GetParameter", { Name: "a" })).Parameter?.Version, 2);
});

test("a long value makes a parameter advanced where the tier may change", async (t) => {
  const { put } = open(t);
  const long = await put("a", "x".repeat(4097), { Tier: "Intelligent-Tiering" });
  assert.equal(long.Tier, "Advanced");
  assert.equal((await put("a", "x", { Overwrite: true })).Tier, "Advanced");
});

test("permissions are asked for on each parameter's ARN", (t) => {
  const { operations } = open(t);
  const resources = (name: keyof typeof operations, input: object) => {
    const row = operations[name] as unknown as { permissions(input: object, context: CallContext): Permission[] };
    return row.permissions(input, context).map(({ action, resource }) => `${action} ${resource}`);
  };
  assert.deepEqual(resources("GetParameter", { Name: "a:3" }), [`ssm:GetParameter ${prefix}/a`]);
  assert.deepEqual(resources("GetParameters", { Names: ["/a/b", `${prefix}/c:live`] }), [
    `ssm:GetParameters ${prefix}/a/b`,
    `ssm:GetParameters ${prefix}/c`,
  ]);
  assert.deepEqual(resources("GetParametersByPath", { Path: "/a" }), [`ssm:GetParametersByPath ${prefix}/a`]);
  const all = `ssm:DescribeParameters arn:aws:ssm:eu-west-1:${account}:*`;
  assert.deepEqual(resources("DescribeParameters", {}), [all]);
});
