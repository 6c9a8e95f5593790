import assert from "node:assert/strict";
import { test } from "node:test";
import { openStackAccount } from "../../../test/fixtures/stack-account.ts";

const template = `
Parameters: {Password: {Type: String, NoEcho: true}}
Resources:
  Secret: {Type: "AWS::SecretsManager::Secret", Properties: {Name: s, SecretString: !Ref Password}}
`;
const changed = template.replace("Name: s", "Name: t");
const Parameters = [{ ParameterKey: "Password", ParameterValue: "correct-horse" }];
const first = { StackName: "one", ChangeSetName: "first", ChangeSetType: "CREATE", TemplateBody: template, Parameters };

async function openWithStack() {
  const account = openStackAccount();
  await account.call("CreateChangeSet", first);
  await account.call("ExecuteChangeSet", { StackName: "one", ChangeSetName: "first" });
  await account.cloudFormation.whenIdle();
  return account;
}

test("a change set of a new stack puts it under review, and makes it when it is executed", async () => {
  const { call, cloudFormation, resources, store } = openStackAccount();
  const { Id, StackId } = await call("CreateChangeSet", first);
  const review = (await call("DescribeStacks", { StackName: "one" })).Stacks?.[0];
  assert.deepEqual([review?.StackStatus, review?.StackId], ["REVIEW_IN_PROGRESS", StackId]);
  const changeSet = await call("DescribeChangeSet", { ChangeSetName: Id });
  assert.deepEqual([changeSet.Status, changeSet.ExecutionStatus], ["CREATE_COMPLETE", "AVAILABLE"]);
  assert.deepEqual(
    changeSet.Changes?.map(({ ResourceChange }) => [ResourceChange?.Action, ResourceChange?.LogicalResourceId]),
    [["Add", "Secret"]],
  );
  assert.deepEqual(changeSet.Parameters, [{ ParameterKey: "Password", ParameterValue: "****" }]);
  assert.doesNotMatch(JSON.stringify(store.collection("cloudformation-change-set").list()), /correct-horse/);
  assert.equal(resources.made.size, 0);

  await call("ExecuteChangeSet", { ChangeSetName: Id });
  await cloudFormation.whenIdle();
  assert.equal(resources.made.get("s")?.properties.SecretString, "correct-horse");
  const { StackEvents = [] } = await call("DescribeStackEvents", { StackName: "one" });
  const ofStack = StackEvents.toReversed().filter(({ LogicalResourceId }) => LogicalResourceId === "one");
  assert.deepEqual(
    ofStack.map(({ ResourceStatus, ResourceStatusReason }) => [ResourceStatus, ResourceStatusReason]),
    [
      ["REVIEW_IN_PROGRESS", "User Initiated"],
      ["CREATE_IN_PROGRESS", "User Initiated"],
      ["CREATE_COMPLETE", undefined],
    ],
  );
  const again = call("ExecuteChangeSet", { ChangeSetName: Id });
  await assert.rejects(again, { name: "InvalidChangeSetStatus" });
});

test("a change set that changes nothing is FAILED with AWS's reason, also where only comments differ", async () => {
  const { call } = await openWithStack();
  const TemplateBody = `# a comment\nDescription: another\n${template}`;
  const kept = [{ ParameterKey: "Password", UsePreviousValue: true }];
  const update = { StackName: "one", ChangeSetName: "second", ChangeSetType: "UPDATE", TemplateBody, Parameters: kept };
  await call("CreateChangeSet", update);
  const { Status, StatusReason } = await call("DescribeChangeSet", { StackName: "one", ChangeSetName: "second" });
  assert.equal(Status, "FAILED");
  assert.equal(
    StatusReason,
    "The submitted information didn't contain changes. Submit different information to create a change set.",
  );
  await call("DeleteChangeSet", { StackName: "one", ChangeSetName: "second" });
  const gone = call("DescribeChangeSet", { StackName: "one", ChangeSetName: "second" });
  await assert.rejects(gone, { name: "ChangeSetNotFound", message: "ChangeSet [second] does not exist" });
});

const updates = [
  { what: "another template", input: { TemplateBody: changed, Parameters } },
  {
    what: "another parameter",
    input: { TemplateBody: template, Parameters: [{ ParameterKey: "Password", ParameterValue: "other" }] },
  },
  { what: "other tags", input: { UsePreviousTemplate: true, Parameters, Tags: [{ Key: "a", Value: "b" }] } },
];
for (const { what, input } of updates) {
  test(`an update by ${what} is refused as not supported`, async () => {
    const { call } = await openWithStack();
    const message = "Chubo cannot update stacks yet: delete the stack one and create it again";
    await assert.rejects(call("UpdateStack", { StackName: "one", ...input }), { name: "ValidationError", message });
    const changeSet = { StackName: "one", ChangeSetName: "x", ...input };
    await assert.rejects(call("CreateChangeSet", changeSet), { name: "ValidationError", message });
  });
}

test("an update that changes nothing is refused in AWS's words", async () => {
  const { call } = await openWithStack();
  const update = call("UpdateStack", { StackName: "one", UsePreviousTemplate: true, Parameters });
  await assert.rejects(update, { name: "ValidationError", message: "No updates are to be performed." });
});

test("a stack under review can be deleted", async () => {
  const { call, cloudFormation } = openStackAccount();
  await call("CreateChangeSet", first);
  await call("DeleteStack", { StackName: "one" });
  await cloudFormation.whenIdle();
  assert.equal((await call("DescribeStacks", {})).Stacks?.length, 0);
});

test("a template is validated and summarized with its parameters and capabilities", async () => {
  const { call } = openStackAccount();
  const TemplateBody = `${template}  Role: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {}}}\n`;
  const summary = await call("GetTemplateSummary", { TemplateBody });
  assert.deepEqual(summary.ResourceTypes, ["AWS::SecretsManager::Secret", "AWS::IAM::Role"]);
  assert.equal(summary.Parameters?.[0]?.NoEcho, true);
  const validated = await call("ValidateTemplate", { TemplateBody });
  assert.deepEqual(validated.Capabilities, ["CAPABILITY_IAM"]);
  const wrong = call("ValidateTemplate", { TemplateBody: TemplateBody.replace("Password}}", "Passwort}}") });
  await assert.rejects(wrong, /Unresolved resource dependencies \[Passwort\].*did you mean "Password"/);
});
