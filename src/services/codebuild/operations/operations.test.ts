import assert from "node:assert/strict";
import { test } from "node:test";
import type { CreateProjectCommandInput, StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import { callContext, environment, hello, openOperations, rejects } from "../../../../test/builds/call-operations.ts";
import {
  account,
  buildspecOf,
  openTestAccount,
  region,
  type TestAccount,
  testProject,
  zipOf,
} from "../../../../test/builds/run-test-build.ts";
import type { CallContext, Permission } from "../../../aws-api/service.ts";
import type { BuildRecord } from "../build.ts";
import { codeBuildOperations } from "../operations.ts";

const fromPipeline: CreateProjectCommandInput = {
  ...hello,
  source: {
    type: "CODEPIPELINE",
    buildspec: buildspecOf({ build: ["cat a.txt; echo $X"] }, { artifacts: { files: "a.txt" } }),
  },
  artifacts: { type: "CODEPIPELINE" },
};

test("a project is created, described as it was given, updated, listed and deleted", async (t) => {
  const { call } = openOperations(t);
  const arn = `arn:aws:codebuild:${region}:${account}:project/hello`;
  const { project } = await call("CreateProject", {
    ...hello,
    cache: { type: "LOCAL", modes: ["LOCAL_SOURCE_CACHE"] },
  });
  assert.equal(project?.arn, arn);
  assert.equal(project?.timeoutInMinutes, 60);
  assert.equal(project?.cache?.type, "LOCAL");
  assert.deepEqual(project?.environment?.environmentVariables, []);
  await rejects(
    call("CreateProject", hello),
    "ResourceAlreadyExistsException",
    new RegExp(`^Project already exists: ${arn}$`),
  );
  const { project: updated } = await call("UpdateProject", { name: "hello", timeoutInMinutes: 5 });
  assert.equal(updated?.timeoutInMinutes, 5);
  assert.equal(updated?.cache?.type, "LOCAL");
  assert.deepEqual((await call("ListProjects", {})).projects, ["hello"]);
  const found = await call("BatchGetProjects", { names: ["hello", arn, "none"] });
  assert.deepEqual([found.projects?.length, found.projectsNotFound], [2, ["none"]]);
  await call("DeleteProject", { name: "hello" });
  await call("DeleteProject", { name: "hello" });
  await rejects(
    call("UpdateProject", { name: "hello" }),
    "ResourceNotFoundException",
    /^Project cannot be found: hello$/,
  );
});

test("a build is started, found, listed and deleted; stopping it after its end changes nothing", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const { build } = await call("StartBuild", {
    projectName: "hello",
    environmentVariablesOverride: [{ name: "X", value: "over" }],
  });
  const id = build?.id ?? "";
  assert.match(id, /^hello:[0-9a-f-]{36}$/);
  assert.equal(build?.buildNumber, 1);
  const ended = await opened.codeBuild.ended(id);
  assert.match(opened.log, /^hello alice over$/m);
  const { builds, buildsNotFound } = await call("BatchGetBuilds", { ids: [id, build?.arn ?? "", "hello:none"] });
  assert.deepEqual([builds?.length, buildsNotFound], [2, ["hello:none"]]);
  assert.equal(builds?.[0]?.buildStatus, "SUCCEEDED");
  assert.equal(builds?.[0]?.buildComplete, true);
  assert.equal(builds?.[0]?.currentPhase, "COMPLETED");
  assert.equal(builds?.[0]?.logs?.groupName, "/aws/codebuild/hello");
  assert.equal((await call("StopBuild", { id })).build?.buildStatus, ended.status);
  await rejects(
    call("StopBuild", { id: "hello:none" }),
    "ResourceNotFoundException",
    /^Build does not exist: hello:none$/,
  );
  assert.deepEqual((await call("ListBuildsForProject", { projectName: "hello" })).ids, [id]);
  const { build: again } = await call("RetryBuild", { id });
  assert.equal(again?.buildNumber, 2);
  await opened.codeBuild.ended(again?.id ?? "");
  assert.equal((await call("ListBuilds", {})).ids?.length, 2);
  assert.deepEqual(await call("BatchDeleteBuilds", { ids: [id, "hello:none"] }), {
    buildsDeleted: [build?.arn],
    buildsNotDeleted: [{ id: "hello:none", statusCode: "NOT_FOUND" }],
  });
});

test("StopBuild ends a running build", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const buildspecOverride = buildspecOf({ build: ["sleep 4244"] });
  const { build } = await call("StartBuild", { projectName: "hello", buildspecOverride });
  const id = build?.id ?? "";
  assert.equal((await call("StopBuild", { id })).build?.buildStatus, "IN_PROGRESS");
  assert.equal((await opened.codeBuild.ended(id)).status, "STOPPED");
});

const notStarted: { title: string; project?: Partial<CreateProjectCommandInput>; input?: object; message: RegExp }[] = [
  {
    title: "a repository that no directory stands in for",
    project: { source: { type: "GITHUB", location: "https://github.com/o/r" } },
    message: /source type GITHUB .*start chubo with --source https:\/\/github\.com\/o\/r=DIRECTORY/,
  },
  {
    title: "artifacts of a pipeline",
    project: fromPipeline,
    message: /^ArtifactsOverride must be set when using artifacts type CodePipelines$/,
  },
  {
    title: "the source of a pipeline",
    project: fromPipeline,
    input: { artifactsOverride: { type: "CODEPIPELINE" } },
    message: /is started by a pipeline/,
  },
  {
    title: "a Windows environment",
    project: { environment: { ...environment, type: "WINDOWS_SERVER_2019_CONTAINER" } },
    message: /environment type WINDOWS_SERVER_2019_CONTAINER/,
  },
];

for (const { title, project, input, message } of notStarted) {
  test(`a build with ${title} is not started, and the error names it`, async (t) => {
    const { call } = openOperations(t);
    await call("CreateProject", { ...hello, ...project });
    await rejects(call("StartBuild", { projectName: "hello", ...input }), "InvalidInputException", message);
    assert.deepEqual((await call("ListBuilds", {})).ids, []);
  });
}

test("a build may be started with a debug session, and says so", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const { build } = await call("StartBuild", { projectName: "hello", debugSessionEnabled: true });
  assert.deepEqual(build?.debugSession, { sessionEnabled: true });
  const { build: other } = await call("StartBuild", { projectName: "hello" });
  assert.equal(other?.debugSession, undefined);
  for (const { id = "" } of [build, other].filter((started) => started !== undefined)) await opened.codeBuild.ended(id);
});

test("a call with the same idempotency token is the first call, for five minutes", async (t) => {
  const { call, opened, later } = openOperations(t);
  await call("CreateProject", hello);
  const input: StartBuildCommandInput = { projectName: "hello", idempotencyToken: "t1" };
  const first = await call("StartBuild", input);
  assert.equal((await call("StartBuild", input)).build?.id, first.build?.id);
  await rejects(
    call("StartBuild", { ...input, imageOverride: "other" }),
    "InvalidInputException",
    /^Request parameter mismatch for idempotency token$/,
  );
  later(5 * 60_000);
  assert.notEqual((await call("StartBuild", input)).build?.id, first.build?.id);
  await opened.codeBuild.shutdown();
});

test("lists come a hundred names at a time", async (t) => {
  const { call, opened } = openOperations(t);
  for (let index = 0; index < 150; index++) {
    const name = `p${String(index).padStart(3, "0")}`;
    opened.codeBuild.store.projects.put(name, testProject({ name }));
  }
  const first = await call("ListProjects", {});
  assert.equal(first.projects?.length, 100);
  const second = await call("ListProjects", { nextToken: first.nextToken });
  assert.deepEqual([second.projects?.length, second.nextToken], [50, undefined]);
  await rejects(call("ListProjects", { nextToken: "none" }), "InvalidInputException", /^Invalid nextToken$/);
});

test("a pipeline starts a build with its own source, artifact, initiator and variables", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", fromPipeline);
  opened.objects.set("store/p/App/abc.zip", await zipOf({ "a.txt": "from the pipeline\n" }));
  const record = opened.codeBuild.startPipelineBuild({
    projectName: "hello",
    source: { bucket: "store", key: "p/App/abc.zip" },
    outputs: [{ name: "Out", location: { bucket: "store", key: "p/Out/def.zip" } }],
    resolvedSourceVersion: "0123456789abcdef",
    sourceVersion: "arn:aws:s3:::store/p/App/abc.zip",
    initiator: "codepipeline/p",
    environmentVariablesOverride: [{ name: "X", value: "of the action", type: "PLAINTEXT" }],
  });
  const build = await opened.codeBuild.ended(record.id);
  assert.equal(build.status, "SUCCEEDED", opened.log);
  assert.match(opened.log, /^from the pipeline\nof the action$/m);
  assert.equal(build.artifactResults[0]?.location, "arn:aws:s3:::store/p/Out/def.zip");
  assert.ok(opened.objects.has("store/p/Out/def.zip"));
  assert.equal(build.initiator, "codepipeline/p");
});

test("values of variables are not in clear in the store", async (t) => {
  const { call, opened } = openOperations(t);
  const environmentVariables = [{ name: "PASSWORD", value: "correct-horse" }];
  await call("CreateProject", { ...hello, environment: { ...environment, environmentVariables } });
  const { build } = await call("StartBuild", { projectName: "hello" });
  await opened.codeBuild.ended(build?.id ?? "");
  const kept = ["codebuild.project", "codebuild.build"].map((name) => opened.store.collection(name).list());
  assert.doesNotMatch(JSON.stringify(kept), /correct-horse/);
  const { projects } = await call("BatchGetProjects", { names: ["hello"] });
  assert.equal(projects?.[0]?.environment?.environmentVariables?.[0]?.value, "correct-horse");
});

test("a build that a crash left behind is FAULT at the next start", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const { build } = await call("StartBuild", { projectName: "hello" });
  const ended = await opened.codeBuild.ended(build?.id ?? "");
  const phases = ended.phases
    .slice(0, 4)
    .map(({ endTime, phaseStatus, ...phase }, index) => (index < 3 ? { ...phase, endTime, phaseStatus } : phase));
  const { endTime: _, ...rest } = ended;
  opened.codeBuild.store.builds.put(ended.id, { ...rest, phases, status: "IN_PROGRESS" } as BuildRecord);
  const reopened: TestAccount = openTestAccount(t, {}, opened.store);
  const found = reopened.codeBuild.store.builds.get(ended.id);
  assert.equal(found?.status, "FAULT");
  assert.equal(found?.phases.at(-1)?.phaseStatus, "FAULT");
  assert.match(found?.phases.at(-1)?.contexts[0]?.message ?? "", /server ended/);
});

test("history and numbers of builds outlive the process", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const { build } = await call("StartBuild", { projectName: "hello" });
  await opened.codeBuild.ended(build?.id ?? "");
  const reopened: TestAccount = openTestAccount(t, {}, opened.store);
  const operations = codeBuildOperations(reopened.codeBuild, () => new Date());
  const { ids } = (await operations.ListBuilds?.run({}, callContext)) ?? {};
  assert.deepEqual(ids, [build?.id]);
  const next = await operations.StartBuild?.run({ projectName: "hello" }, callContext);
  assert.equal(next?.build?.buildNumber, 2);
  await reopened.codeBuild.ended(next?.build?.id ?? "");
});

const secondary = (...identifiers: string[]): Partial<CreateProjectCommandInput> => ({
  secondarySources: identifiers.map((sourceIdentifier) => ({ type: "S3", location: "a/b.zip", sourceIdentifier })),
});

test("a call overrides the secondary sources, their versions, the clone depth and the limit of retries", async (t) => {
  const { call, opened } = openOperations(t);
  const location = "bucket/x.zip";
  await call("CreateProject", { ...hello, autoRetryLimit: 3, ...secondary("a", "b") });
  opened.objects.set(location, await zipOf({ "x.txt": "x\n" }));
  const { build } = await call("StartBuild", {
    projectName: "hello",
    secondarySourcesOverride: [{ type: "S3", location, sourceIdentifier: "c" }],
    secondarySourcesVersionOverride: [{ sourceIdentifier: "c", sourceVersion: "v7" }],
    buildspecOverride: buildspecOf({ build: ['cat "$CODEBUILD_SRC_DIR_c/x.txt"; echo "$CODEBUILD_SOURCE_VERSION_c"'] }),
    gitCloneDepthOverride: 1,
    autoRetryLimitOverride: 1,
  });
  assert.equal(build?.source?.gitCloneDepth, 1);
  assert.deepEqual(build?.autoRetryConfig, { autoRetryLimit: 1, autoRetryNumber: 0 });
  assert.deepEqual(
    build?.secondarySources?.map(({ sourceIdentifier }) => sourceIdentifier),
    ["c"],
  );
  const ended = await opened.codeBuild.ended(build?.id ?? "");
  assert.equal(ended.status, "SUCCEEDED", opened.log);
  assert.match(opened.log, /^x\nv7$/m);
});

test("RetryBuild with the same idempotency token is the first call", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const { build } = await call("StartBuild", { projectName: "hello" });
  await opened.codeBuild.ended(build?.id ?? "");
  const input = { id: build?.id ?? "", idempotencyToken: "r1" };
  const again = await call("RetryBuild", input);
  assert.equal((await call("RetryBuild", input)).build?.id, again.build?.id);
  assert.equal(again.build?.buildNumber, 2);
  await opened.codeBuild.ended(again.build?.id ?? "");
});

test("every operation asks for a permission of its own name", (t) => {
  const { operations } = openOperations(t);
  const [arn, reportArn] = [`arn:aws:codebuild:${region}:${account}:report-group/p`, "arn:aws:codebuild:x:report/p:1"];
  const input = {
    ...{ name: "p", projectName: "p", names: ["p"], id: "p:1", ids: ["p:1"], arn, reportArn },
    ...{ projectArn: `arn:aws:codebuild:${region}:${account}:project/p`, resourceArn: arn },
    ...{ reportGroupArn: arn, reportGroupArns: [arn], reportArns: [reportArn] },
  };
  type AnyOperation = { permissions(input: unknown, context: CallContext): Permission[] };
  for (const [name, operation] of Object.entries(operations as unknown as Record<string, AnyOperation>)) {
    const [permission, ...more] = operation.permissions(input, callContext);
    assert.equal(permission?.action, `codebuild:${name}`);
    assert.match(permission?.resource ?? "", /^\*$|:(project|report-group)\/p$/);
    assert.deepEqual(more, []);
  }
});
