// The AWS CLI against IAM, STS, CloudWatch Logs and ECS, as the account's root and as a role's session.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { createAwsApi } from "../../src/aws-api/aws-api.ts";
import { createEcs } from "../../src/services/ecs/ecs.ts";
import { createIam } from "../../src/services/iam/iam.ts";
import { createLogs } from "../../src/services/logs/logs.ts";
import { stsOperations } from "../../src/services/sts/operations.ts";
import { openSts } from "../../src/services/sts/sts.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";

const run = promisify(execFile);
const account = "111122223333";
const region = "eu-west-1";
const now = () => new Date();

const directory = mkdtempSync(join(tmpdir(), "chubo-iam-"));
const store = openSqliteStore(join(directory, "chubo.db"));
const iam = createIam({ store, now });
const logs = createLogs({ store, now });
const sts = openSts({ account, roles: iam.roles, now });
const defects: unknown[] = [];
const api = createAwsApi({
  services: {
    iam: iam.operations,
    sts: stsOperations(sts),
    logs: logs.operations,
    ecs: createEcs({ store, now }).operations,
  },
  credentials: sts,
  authorizer: iam.authorizer,
  account,
  region,
  now,
  newRequestId: randomUUID,
  onDefect: (error) => void defects.push(error),
});
const server = createServer((request, response) => void api.handle(request, response));
let endpoint: string;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  store.close();
  rmSync(directory, { recursive: true, force: true });
  assert.deepEqual(defects, []);
});

type Keys = { AccessKeyId: string; SecretAccessKey: string; SessionToken?: string };
const root: Keys = { AccessKeyId: "test", SecretAccessKey: "test" };

function environmentOf(keys: Keys): Record<string, string> {
  return {
    PATH: "/usr/bin:/bin",
    HOME: directory,
    AWS_ACCESS_KEY_ID: keys.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey,
    ...(keys.SessionToken && { AWS_SESSION_TOKEN: keys.SessionToken }),
    AWS_DEFAULT_REGION: region,
    AWS_PAGER: "",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

async function aws(keys: Keys, ...words: string[]) {
  const { stdout } = await run("/usr/bin/aws", ["--endpoint-url", endpoint, ...words], { env: environmentOf(keys) });
  return stdout;
}

const awsJson = async (keys: Keys, ...words: string[]) => JSON.parse(await aws(keys, ...words, "--output", "json"));

async function awsError(keys: Keys, ...words: string[]): Promise<string> {
  try {
    await aws(keys, ...words);
  } catch (error) {
    return (error as { stderr: string }).stderr.trim();
  }
  throw new Error(`aws ${words.join(" ")} succeeded`);
}

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" }],
});
const policyOf = (Action: string[], Resource: string | string[] = "*") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });

async function createRole(RoleName: string): Promise<void> {
  await aws(root, "iam", "create-role", "--role-name", RoleName, "--assume-role-policy-document", trust);
}

async function assumeRole(name: string): Promise<Keys> {
  const arn = `arn:aws:iam::${account}:role/${name}`;
  return (await awsJson(root, "sts", "assume-role", "--role-arn", arn, "--role-session-name", "one")).Credentials;
}

test("aws iam creates a role, gives it policies, reads them back decoded, and takes them away again", async () => {
  await createRole("kept");
  const { Role: role } = await awsJson(root, "iam", "get-role", "--role-name", "kept");
  assert.equal(role.Arn, `arn:aws:iam::${account}:role/kept`);
  assert.deepEqual(role.AssumeRolePolicyDocument, JSON.parse(trust));

  const own = ["--role-name", "kept", "--policy-name", "own"];
  await aws(root, "iam", "put-role-policy", ...own, "--policy-document", policyOf(["s3:*"]));
  const read = await awsJson(root, "iam", "get-role-policy", ...own);
  assert.deepEqual(read.PolicyDocument, JSON.parse(policyOf(["s3:*"])));

  const attached = ["--role-name", "kept", "--policy-arn", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"];
  await aws(root, "iam", "attach-role-policy", ...attached);
  const { AttachedPolicies: policies } = await awsJson(
    root,
    "iam",
    "list-attached-role-policies",
    "--role-name",
    "kept",
  );
  assert.deepEqual(
    policies.map(({ PolicyName: name }: { PolicyName: string }) => name),
    ["AmazonS3ReadOnlyAccess"],
  );
  assert.match(
    await awsError(root, "iam", "delete-role", "--role-name", "kept"),
    /\(DeleteConflict\).*detach all policies/,
  );

  await aws(root, "iam", "detach-role-policy", ...attached);
  await aws(root, "iam", "delete-role-policy", ...own);
  await aws(root, "iam", "delete-role", "--role-name", "kept");
  assert.equal(
    await awsError(root, "iam", "get-role", "--role-name", "kept"),
    "An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name kept cannot be found.",
  );
});

test("aws iam makes managed policies and says what is wrong with one", async () => {
  const created = await awsJson(
    root,
    "iam",
    "create-policy",
    "--policy-name",
    "push",
    "--policy-document",
    policyOf(["ecr:*"]),
  );
  const version = ["--policy-arn", created.Policy.Arn, "--version-id", created.Policy.DefaultVersionId];
  const read = await awsJson(root, "iam", "get-policy-version", ...version);
  assert.deepEqual(read.PolicyVersion.Document, JSON.parse(policyOf(["ecr:*"])));
  assert.match(
    await awsError(root, "iam", "create-policy", "--policy-name", "bad", "--policy-document", policyOf(["ecr"])),
    /\(MalformedPolicyDocument\) when calling the CreatePolicy operation: Actions\/Conditions must be prefaced by a vendor/,
  );
  assert.match(
    await awsError(root, "iam", "create-role", "--role-name", "a b", "--assume-role-policy-document", trust),
    /\(ValidationError\)/,
  );
});

test("a role's session may do what its policies say, from the next call on", async () => {
  await createRole("builder");
  const session = await assumeRole("builder");
  const arn = `arn:aws:sts::${account}:assumed-role/builder/one`;
  assert.equal((await awsJson(session, "sts", "get-caller-identity")).Arn, arn);

  const describe = ["ecs", "list-task-definitions"];
  assert.equal(
    await awsError(session, ...describe),
    `An error occurred (AccessDeniedException) when calling the ListTaskDefinitions operation: User: ${arn} is not authorized to perform: ecs:ListTaskDefinitions on resource: * because no identity-based policy allows the ecs:ListTaskDefinitions action`,
  );
  const put = ["iam", "put-role-policy", "--role-name", "builder", "--policy-name", "own", "--policy-document"];
  await aws(root, ...put, policyOf(["ecs:List*", "ecs:Describe*"]));
  assert.deepEqual(await awsJson(session, ...describe), { taskDefinitionArns: [] });
  assert.match(
    await awsError(session, "iam", "list-roles"),
    /\(AccessDenied\).*iam:ListRoles on resource: arn:aws:iam::/,
  );

  assert.deepEqual(
    iam.listDenied().map(({ action }) => action),
    ["ecs:ListTaskDefinitions", "iam:ListRoles"],
  );
  assert.deepEqual(iam.listUnused("builder"), [{ action: "ecs:Describe*", resource: "*" }]);
});

test("a policy on a log group's ARN with :* lets a session make and write its log, and no other", async () => {
  await createRole("logger");
  const group = `arn:aws:logs:${region}:${account}:log-group:/own`;
  const put = ["iam", "put-role-policy", "--role-name", "logger", "--policy-name", "own", "--policy-document"];
  await aws(root, ...put, policyOf(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], `${group}:*`));
  const session = await assumeRole("logger");
  await aws(session, "logs", "create-log-group", "--log-group-name", "/own");
  const stream = ["--log-group-name", "/own", "--log-stream-name", "s"];
  await aws(session, "logs", "create-log-stream", ...stream);
  await aws(session, "logs", "put-log-events", ...stream, "--log-events", `timestamp=${Date.now()},message=hello`);
  assert.match(
    await awsError(session, "logs", "create-log-group", "--log-group-name", "/other"),
    /\(AccessDeniedException\).*logs:CreateLogGroup on resource: \S+:log-group:\/other:log-stream: because/,
  );
});

test("aws logs tail prints what a build wrote, over several pages", async () => {
  const stream = logs.openLogStream({ region, account, group: "/aws/codebuild/app", stream: "one" });
  const start = Date.now() - 60_000;
  for (let line = 0; line < 12_000; line++) stream.write(`line ${line}\n`, new Date(start + line));
  stream.close();
  const output = await aws(root, "logs", "tail", "/aws/codebuild/app", "--format", "short");
  const lines = output.trimEnd().split("\n");
  assert.equal(lines.length, 12_000);
  assert.match(lines.at(-1) ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d line 11999$/);
  const search = ["logs", "tail", "/aws/codebuild/app", "--format", "short", "--filter-pattern"];
  assert.match(await aws(root, ...search, "1199 -line"), /^$/);
  assert.equal((await aws(root, ...search, "?11998 ?11999")).trimEnd().split("\n").length, 2);
  const events = await awsJson(
    root,
    ...["logs", "get-log-events", "--log-group-name", "/aws/codebuild/app", "--log-stream-name", "one", "--limit", "2"],
  );
  assert.deepEqual(
    events.events.map(({ message }: { message: string }) => message),
    ["line 11998\n", "line 11999\n"],
  );
  const { logStreams } = await awsJson(root, "logs", "describe-log-streams", "--log-group-name", "/aws/codebuild/app");
  assert.equal(logStreams[0].arn, `arn:aws:logs:${region}:${account}:log-group:/aws/codebuild/app:log-stream:one`);
});

test("aws logs tail --follow prints lines as they come", async () => {
  const stream = logs.openLogStream({ region, account, group: "/follow", stream: "one" });
  stream.write("before\n", now());
  stream.flush();
  const words = ["--endpoint-url", endpoint, "logs", "tail", "/follow", "--follow", "--format", "short"];
  const tail = spawn("/usr/bin/aws", words, {
    env: { ...environmentOf(root), PYTHONUNBUFFERED: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const seen: string[] = [];
    for await (const line of createInterface(tail.stdout)) {
      seen.push(line.replace(/^\S+ /, ""));
      if (seen.length === 1) stream.write("during\n", now());
      if (seen.length === 2) break;
    }
    assert.deepEqual(seen, ["before", "during"]);
  } finally {
    tail.kill("SIGKILL");
    stream.close();
  }
});

test("aws logs says what is not there in AWS's words", async () => {
  assert.equal(
    await awsError(root, "logs", "get-log-events", "--log-group-name", "none", "--log-stream-name", "s"),
    "An error occurred (ResourceNotFoundException) when calling the GetLogEvents operation: The specified log group does not exist.",
  );
});

test("aws ecs registers a task definition and describes it as the article's build does", async () => {
  const containers = JSON.stringify([
    { name: "web", image: "httpd:2.4", memory: 256, portMappings: [{ containerPort: 80 }] },
  ]);
  const register = ["ecs", "register-task-definition", "--family", "demo-task", "--container-definitions", containers];
  await aws(root, ...register);
  const { taskDefinition } = await awsJson(root, "ecs", "describe-task-definition", "--task-definition", "demo-task");
  assert.equal(taskDefinition.taskDefinitionArn, `arn:aws:ecs:${region}:${account}:task-definition/demo-task:1`);
  assert.equal(taskDefinition.containerDefinitions[0].image, "httpd:2.4");
  assert.deepEqual(taskDefinition.volumes, []);
  assert.match(taskDefinition.registeredAt, /^20/);
  assert.equal(
    await awsError(root, "ecs", "describe-task-definition", "--task-definition", "other"),
    "An error occurred (ClientException) when calling the DescribeTaskDefinition operation: Unable to describe task definition.",
  );
});
