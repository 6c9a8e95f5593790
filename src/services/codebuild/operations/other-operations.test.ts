import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openOperations } from "../../../../test/builds/call-operations.ts";
import { account, region, testProject } from "../../../../test/builds/run-test-build.ts";

function open(t: TestContext) {
  const { call, opened } = openOperations(t);
  const { codeBuild, store } = opened;
  const source = { type: "GITHUB", location: "https://github.com/o/r" };
  codeBuild.store.projects.put("p1", testProject({ source, artifacts: { type: "NO_ARTIFACTS" } }));
  return { call, store, codeBuild };
}

const token = { serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN", token: "correct-horse" } as const;
const tokenArn = `arn:aws:codebuild:${region}:${account}:token/github`;

test("a source credential is one for each server type, and its token is sealed", async (t) => {
  const { call, store, codeBuild } = open(t);
  assert.deepEqual(await call("ImportSourceCredentials", token), { arn: tokenArn });
  assert.doesNotMatch(JSON.stringify(store.collection("codebuild.source-credential").list()), /correct-horse/);
  assert.equal(codeBuild.store.sourceCredentials.get("GITHUB")?.token, "correct-horse");
  await assert.rejects(call("ImportSourceCredentials", { ...token, shouldOverwrite: false }), {
    name: "ResourceAlreadyExistsException",
    message: "Access token with server type GITHUB already exists. Delete its source credential and try again.",
  });
  await call("ImportSourceCredentials", token);
  const resource = "arn:aws:codeconnections:us-east-1:123456789012:connection/1";
  await call("ImportSourceCredentials", { serverType: "GITLAB", authType: "CODECONNECTIONS", token: resource });
  const { sourceCredentialsInfos } = await call("ListSourceCredentials", {});
  assert.deepEqual(sourceCredentialsInfos, [
    { arn: tokenArn, serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN" },
    { arn: tokenArn.replace("github", "gitlab"), serverType: "GITLAB", authType: "CODECONNECTIONS", resource },
  ]);
  assert.deepEqual(await call("DeleteSourceCredentials", { arn: tokenArn }), { arn: tokenArn });
  await assert.rejects(call("DeleteSourceCredentials", { arn: tokenArn }), { name: "ResourceNotFoundException" });
});

const wrongTokens: { title: string; input: object; message: RegExp }[] = [
  { title: "of no server type", input: { serverType: "SVN" }, message: /'SVN' at 'serverType'/ },
  { title: "by OAUTH", input: { authType: "OAUTH" }, message: /console/ },
  { title: "by BASIC_AUTH for GitHub", input: { authType: "BASIC_AUTH", username: "u" }, message: /for BITBUCKET/ },
  { title: "by a connection that is no ARN", input: { authType: "CODECONNECTIONS" }, message: /must be an ARN/ },
  { title: "that is empty", input: { token: "" }, message: /at 'token'/ },
];
for (const { title, input, message } of wrongTokens) {
  test(`a source credential ${title} is refused`, async (t) => {
    await assert.rejects(open(t).call("ImportSourceCredentials", { ...token, ...input } as typeof token), { message });
  });
}

test("a webhook is kept and shown with its project, names nothing that is called, and goes", async (t) => {
  const { call } = open(t);
  const filterGroups = [
    [{ type: "EVENT", pattern: "PUSH, RELEASED" } as const, { type: "HEAD_REF", pattern: "^refs/heads/" } as const],
  ];
  const { webhook } = await call("CreateWebhook", { projectName: "p1", filterGroups });
  assert.deepEqual(webhook, { filterGroups });
  await assert.rejects(call("CreateWebhook", { projectName: "p1" }), { name: "ResourceAlreadyExistsException" });
  await call("UpdateWebhook", { projectName: "p1", buildType: "BUILD_BATCH" });
  const { projects } = await call("BatchGetProjects", { names: ["p1"] });
  assert.deepEqual(projects?.[0]?.webhook, { filterGroups, buildType: "BUILD_BATCH" });
  await call("DeleteWebhook", { projectName: "p1" });
  await assert.rejects(call("DeleteWebhook", { projectName: "p1" }), { name: "ResourceNotFoundException" });
  assert.equal((await call("BatchGetProjects", { names: ["p1"] })).projects?.[0]?.webhook, undefined);
});

const wrongWebhooks: { title: string; input: object; message: RegExp }[] = [
  {
    title: "of a project that is not there",
    input: { projectName: "none" },
    message: /^Project cannot be found: none$/,
  },
  {
    title: "that somebody would make by hand",
    input: { manualCreation: true },
    message: /manualCreation .* no event of a provider/,
  },
  {
    title: "without an event",
    input: { filterGroups: [[{ type: "HEAD_REF", pattern: "x" }]] },
    message: /one of type EVENT/,
  },
  {
    title: "of an unknown event",
    input: { filterGroups: [[{ type: "EVENT", pattern: "PUSH,PULL" }]] },
    message: /^Invalid webhook event PULL/,
  },
  { title: "with a pattern that is none", input: { branchFilter: "(" }, message: /no regular expression: \($/ },
  {
    title: "with both kinds of filters",
    input: { branchFilter: "x", filterGroups: [] },
    message: /either branchFilter or/,
  },
];
for (const { title, input, message } of wrongWebhooks) {
  test(`a webhook ${title} is refused`, async (t) => {
    await assert.rejects(open(t).call("CreateWebhook", { projectName: "p1", ...input }), { message });
  });
}

test("a webhook needs the source of a provider", async (t) => {
  const { call, codeBuild } = open(t);
  codeBuild.store.projects.put("p2", testProject({ name: "p2" }));
  await assert.rejects(call("CreateWebhook", { projectName: "p2" }), { message: /not CODEPIPELINE$/ });
});

test("a resource policy is kept for a project or report group that is there", async (t) => {
  const { call } = open(t);
  const resourceArn = `arn:aws:codebuild:${region}:${account}:project/p1`;
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  assert.deepEqual(await call("PutResourcePolicy", { resourceArn, policy }), { resourceArn });
  assert.deepEqual(await call("GetResourcePolicy", { resourceArn }), { policy });
  await assert.rejects(call("PutResourcePolicy", { resourceArn, policy: "{" }), { name: "InvalidInputException" });
  await assert.rejects(call("PutResourcePolicy", { resourceArn: `${resourceArn}x`, policy }), {
    name: "ResourceNotFoundException",
  });
  await call("DeleteResourcePolicy", { resourceArn });
  await assert.rejects(call("GetResourcePolicy", { resourceArn }), { name: "ResourceNotFoundException" });
  assert.deepEqual((await call("ListSharedProjects", {})).projects, []);
  assert.deepEqual((await call("ListSharedReportGroups", {})).reportGroups, []);
});

test("a project stays private, and curated images are listed by platform", async (t) => {
  const { call } = open(t);
  const projectArn = `arn:aws:codebuild:${region}:${account}:project/p1`;
  const asked = { projectArn, projectVisibility: "PRIVATE" } as const;
  assert.deepEqual(await call("UpdateProjectVisibility", asked), asked);
  const open_ = call("UpdateProjectVisibility", { projectArn, projectVisibility: "PUBLIC_READ" });
  await assert.rejects(open_, { name: "InvalidInputException", message: /PUBLIC_READ/ });
  const { platforms = [] } = await call("ListCuratedEnvironmentImages", {});
  const names = platforms.flatMap(({ languages = [] }) =>
    languages.flatMap(({ images = [] }) => images.map(({ name }) => name)),
  );
  assert.ok(names.includes("aws/codebuild/standard:7.0"), names.join());
});

test("there are no fleets and sandboxes, and none can be made", async (t) => {
  const { call } = open(t);
  assert.deepEqual(await call("ListFleets", {}), { fleets: [] });
  assert.deepEqual(await call("BatchGetFleets", { names: ["f"] }), { fleets: [], fleetsNotFound: ["f"] });
  assert.deepEqual(await call("ListSandboxes", {}), { ids: [] });
  await assert.rejects(call("StartSandbox", { projectName: "p1" }), {
    name: "InvalidInputException",
    message: /codebuild:StartSandbox/,
  });
  const fleet = {
    name: "f",
    baseCapacity: 1,
    environmentType: "LINUX_CONTAINER",
    computeType: "BUILD_GENERAL1_SMALL",
  } as const;
  await assert.rejects(call("CreateFleet", fleet), { name: "InvalidInputException", message: /codebuild:CreateFleet/ });
  await assert.rejects(call("StopSandbox", { id: "s" }), { name: "ResourceNotFoundException" });
});
