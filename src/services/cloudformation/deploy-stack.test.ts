import assert from "node:assert/strict";
import { test } from "node:test";
import { context as caller, fakeResources, openStackAccount } from "../../../test/fixtures/stack-account.ts";
import { AwsError } from "../../aws-api/aws-error.ts";
import { UsageError } from "../../usage-error.ts";

const template = `
Resources:
  Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: b}}
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: r, AssumeRolePolicyDocument: {}, Description: !Ref Bucket}}
Outputs: {Name: {Value: !Ref Bucket, Export: {Name: shared}}}
`;
const request = { name: "one", template, file: "t.yml", parameters: {} };

test("a deployment waits for its end, tells each event, and needs no capabilities", async () => {
  const { cloudFormation } = openStackAccount();
  const told: string[] = [];
  const outcome = await cloudFormation.deployStack(
    { ...request, onEvent: ({ logicalId, status }) => told.push(`${logicalId} ${status}`) },
    caller,
  );
  assert.equal(outcome.isCreated, true);
  assert.deepEqual(outcome.outputs, { Name: "b" });
  assert.deepEqual([told[0], told.at(-1), told.length], ["one CREATE_IN_PROGRESS", "one CREATE_COMPLETE", 8]);
});

test("a deployment that fails says which resource and why; the next one begins anew", async () => {
  const resources = fakeResources();
  resources.refusals.set("r", new AwsError("AccessDeniedException", "no"));
  const { cloudFormation } = openStackAccount({ resources });
  const failed = await cloudFormation.deployStack(request, caller);
  assert.equal(failed.status, "ROLLBACK_COMPLETE");
  assert.deepEqual(
    failed.failures.map(({ logicalId, type }) => [logicalId, type]),
    [["Role", "AWS::IAM::Role"]],
  );
  assert.match(failed.failures[0]?.reason ?? "", /message: "no".*HandlerErrorCode: AccessDenied/);
  resources.refusals.clear();
  assert.equal((await cloudFormation.deployStack(request, caller)).status, "CREATE_COMPLETE");
});

test("a deployment of what is there already changes nothing; of something else it is refused", async () => {
  const { cloudFormation, resources } = openStackAccount();
  const first = await cloudFormation.deployStack(request, caller);
  const again = await cloudFormation.deployStack(request, caller);
  assert.equal(again.stackId, first.stackId);
  const other = cloudFormation.deployStack(
    { ...request, template: template.replace("BucketName: b", "BucketName: c") },
    caller,
  );
  await assert.rejects(other, (error) => error instanceof UsageError && error.code === "TEMPLATE_STACK_EXISTS");
  assert.deepEqual([...resources.made.keys()], ["b", "r"]);
});

test("stacks are checked together: a later one may import what an earlier one will export", async () => {
  const { cloudFormation, resources } = openStackAccount();
  const importer = (name: string) => ({
    ...{ name: "two", file: "two.yml", parameters: {} },
    template: `Resources:\n  Group:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: !ImportValue ${name}}\n`,
  });
  await cloudFormation.checkStacks([request, importer("shared")], caller);
  const wrong = cloudFormation.checkStacks([request, importer("other")], caller);
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof UsageError);
    assert.deepEqual([error.code, error.message], ["TEMPLATE_REFERENCE", "No export named other found."]);
    assert.deepEqual(error.place, { file: "two.yml", line: 4, column: 45 });
    return true;
  });
  assert.equal(resources.made.size, 0);
});

test("a dynamic reference is read when its resource is made, and its value is in no message", async () => {
  const resources = fakeResources();
  const refused = `Resources: {S: {Type: "AWS::SecretsManager::Secret", Properties: {Name: s, SecretString: "x {{resolve:secretsmanager:hub:SecretString:password}}"}}}`;
  const { cloudFormation } = openStackAccount({
    resources,
    dynamicReferences: () => ({ readSecretString: async (id) => `{"password":"${id}-correct-horse"}` }),
  });
  await cloudFormation.deployStack({ ...request, template: refused }, caller);
  assert.equal(resources.made.get("s")?.properties.SecretString, "x hub-correct-horse");
  resources.made.clear();
  resources.refusals.set("s", new AwsError("InternalServiceError", "cannot keep x hub-correct-horse"));
  const failed = await cloudFormation.deployStack({ ...request, name: "two", template: refused }, caller);
  assert.match(failed.failures[0]?.reason ?? "", /message: "cannot keep x \*\*\*\*"/);
});

test("a dynamic reference that nobody can read is refused before anything is made", async () => {
  const { cloudFormation } = openStackAccount();
  const text = `Resources: {S: {Type: "AWS::S3::Bucket", Properties: {BucketName: "{{resolve:ssm:name}}"}}}`;
  const deployed = cloudFormation.deployStack({ ...request, template: text }, caller);
  await assert.rejects(deployed, { code: "TEMPLATE_UNSUPPORTED" });
});
