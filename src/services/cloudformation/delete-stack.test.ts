import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fakeResources, openStackAccount } from "../../../test/fixtures/stack-account.ts";
import { AwsError } from "../../aws-api/aws-error.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";

const template = `
Resources:
  Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: a-bucket}}
  Group: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Join ["-", [!Ref Bucket, logs]]}, DependsOn: [Kept]}
  Kept: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: kept}, DeletionPolicy: Retain}
`;

async function openWithStack(resources = fakeResources()) {
  const account = openStackAccount({ resources });
  await account.call("CreateStack", { StackName: "one", TemplateBody: template });
  await account.cloudFormation.whenIdle();
  return account;
}

test("a stack's resources go in reverse order, except those that are to be retained", async () => {
  const { call, cloudFormation, resources } = await openWithStack();
  const { StackId } = (await call("DescribeStacks", { StackName: "one" })).Stacks?.[0] ?? {};
  await call("DeleteStack", { StackName: "one", ClientRequestToken: "token" });
  await cloudFormation.whenIdle();
  assert.deepEqual([...resources.made.keys()], ["kept"]);
  const { StackEvents = [] } = await call("DescribeStackEvents", { StackName: StackId });
  const told = StackEvents.toReversed().map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`);
  assert.deepEqual(told.slice(-7), [
    "one DELETE_IN_PROGRESS",
    "Group DELETE_IN_PROGRESS",
    "Group DELETE_COMPLETE",
    "Kept DELETE_SKIPPED",
    "Bucket DELETE_IN_PROGRESS",
    "Bucket DELETE_COMPLETE",
    "one DELETE_COMPLETE",
  ]);
  assert.equal(StackEvents[0]?.ClientRequestToken, "token");
  await assert.rejects(call("DescribeStacks", { StackName: "one" }), { name: "ValidationError" });
  await call("DeleteStack", { StackName: "one" });
});

test("a resource that cannot be deleted keeps what it needs, and the stack can be deleted later", async () => {
  const { call, cloudFormation, resources } = await openWithStack();
  resources.refusals.set("a-bucket-logs", new AwsError("OperationAbortedException", "not now"));
  await call("DeleteStack", { StackName: "one" });
  await cloudFormation.whenIdle();
  const [stack] = (await call("DescribeStacks", { StackName: "one" })).Stacks ?? [];
  assert.equal(stack?.StackStatus, "DELETE_FAILED");
  assert.equal(stack?.StackStatusReason, "The following resource(s) failed to delete: [Group]. ");
  assert.ok(resources.made.has("a-bucket"));
  await call("DeleteStack", { StackName: "one", RetainResources: ["Group"] });
  await cloudFormation.whenIdle();
  assert.deepEqual([...resources.made.keys()], ["kept", "a-bucket-logs"].sort().reverse());
  assert.equal((await call("DescribeStacks", {})).Stacks?.length, 0);
});

test("termination protection keeps a stack until it is taken off", async () => {
  const { call, cloudFormation } = await openWithStack();
  await call("UpdateTerminationProtection", { StackName: "one", EnableTerminationProtection: true });
  await assert.rejects(call("DeleteStack", { StackName: "one" }), /while TerminationProtection is enabled/);
  await call("UpdateTerminationProtection", { StackName: "one", EnableTerminationProtection: false });
  await call("DeleteStack", { StackName: "one" });
  await cloudFormation.whenIdle();
  assert.equal((await call("DescribeStacks", {})).Stacks?.length, 0);
});

test("a stack that is deleted while it is made stops being made, and leaves nothing", async () => {
  const resources = fakeResources();
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  resources.beforeCreation = async () => {
    begun.resolve();
    await go.promise;
  };
  const { call, cloudFormation } = openStackAccount({ resources });
  const { StackId } = await call("CreateStack", { StackName: "one", TemplateBody: template });
  await begun.promise;
  await call("DeleteStack", { StackName: "one" });
  const during = (await call("DescribeStacks", { StackName: "one" })).Stacks?.[0];
  assert.equal(during?.StackStatus, "DELETE_IN_PROGRESS");
  go.resolve();
  await cloudFormation.whenIdle();
  assert.equal(resources.made.size, 0);
  const after = (await call("DescribeStacks", { StackName: StackId })).Stacks?.[0];
  assert.equal(after?.StackStatus, "DELETE_COMPLETE");
});

test("a stack whose process ended while it was made is a failed one, and can be deleted", async () => {
  const store = openSqliteStore(":memory:");
  const resources = fakeResources();
  const ended = new Promise<never>(() => {});
  resources.beforeCreation = ({ logicalId }) => (logicalId === "Kept" ? ended : Promise.resolve());
  const first = openStackAccount({ store, resources });
  await first.call("CreateStack", { StackName: "one", TemplateBody: template });
  while (!resources.made.has("a-bucket")) await setImmediate();

  const second = openStackAccount({ store, resources });
  const [stack] = (await second.call("DescribeStacks", { StackName: "one" })).Stacks ?? [];
  assert.equal(stack?.StackStatus, "CREATE_FAILED");
  assert.equal(stack?.StackStatusReason, "Chubo ended while the operation was going on");
  const { StackResources = [] } = await second.call("DescribeStackResources", { StackName: "one" });
  const kept = StackResources.find(({ LogicalResourceId }) => LogicalResourceId === "Kept");
  assert.match(kept?.ResourceStatusReason ?? "", /the resource may be there without the stack/);
  await second.call("DeleteStack", { StackName: "one" });
  await second.cloudFormation.whenIdle();
  assert.equal(resources.made.size, 0);
});
