import assert from "node:assert/strict";
import { test } from "node:test";
import type { StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import { hello, openOperations, rejects } from "../../../../test/builds/call-operations.ts";
import { account, buildspecOf, region, zipOf } from "../../../../test/builds/run-test-build.ts";

test("a build shows what AWS shows of one: exported variables, the console's log, the network, and lists that are empty", async (t) => {
  const { call, opened } = openOperations(t);
  const vpcConfig = { vpcId: "vpc-1", subnets: ["subnet-1"], securityGroupIds: ["sg-1"] };
  const env = { "exported-variables": ["TAG", "UNSET"] };
  const buildspec = buildspecOf({ build: ["TAG='two words'"] }, { env });
  await call("CreateProject", { ...hello, vpcConfig, source: { type: "NO_SOURCE", buildspec } });
  const { build } = await call("StartBuild", { projectName: "hello" });
  await opened.codeBuild.ended(build?.id ?? "");
  const { builds } = await call("BatchGetBuilds", { ids: [build?.id ?? ""] });
  const shown = builds?.[0];
  assert.deepEqual(shown?.exportedEnvironmentVariables, [
    { name: "TAG", value: "two words" },
    { name: "UNSET", value: "" },
  ]);
  const stream = build?.id?.split(":")[1];
  const place = `region=${region}#logEvent:group=/aws/codebuild/hello;stream=${stream}`;
  assert.equal(shown?.logs?.deepLink, `https://console.aws.amazon.com/cloudwatch/home?${place}`);
  assert.deepEqual(shown?.vpcConfig, vpcConfig);
  assert.deepEqual([shown?.secondarySources, shown?.secondarySourceVersions, shown?.secondaryArtifacts], [[], [], []]);
  assert.equal(shown?.encryptionKey, `arn:aws:kms:${region}:${account}:alias/aws/s3`);
  assert.equal(shown?.source?.insecureSsl, false);
});

test("a build says where its source lies and which key it was given", async (t) => {
  const { call, opened } = openOperations(t);
  opened.objects.set("bucket/in/source.zip", await zipOf({ "a.txt": "a\n" }));
  opened.objects.set("bucket/more.zip", await zipOf({ "b.txt": "b\n" }));
  const encryptionKey = `arn:aws:kms:${region}:${account}:key/1`;
  const buildspec = buildspecOf({
    build: ['echo "<$CODEBUILD_SOURCE_REPO_URL> <$CODEBUILD_SOURCE_REPO_URL_more> <$CODEBUILD_KMS_KEY_ID>"'],
  });
  await call("CreateProject", {
    ...hello,
    encryptionKey,
    source: { type: "S3", location: "arn:aws:s3:::bucket/in/source.zip", buildspec },
    secondarySources: [{ type: "S3", location: "bucket/more.zip", sourceIdentifier: "more" }],
  });
  const { build } = await call("StartBuild", { projectName: "hello" });
  await opened.codeBuild.ended(build?.id ?? "");
  assert.ok(
    opened.log.includes(`\n<s3://bucket/in/source.zip> <s3://bucket/more.zip> <${encryptionKey}>\n`),
    opened.log,
  );
});

test("a list of no builds, of more than a hundred and an order that there is not are refused", async (t) => {
  const { call } = openOperations(t);
  await call("CreateProject", hello);
  const many = Array.from({ length: 101 }, (_, index) => `hello:${index}`);
  for (const name of ["BatchGetBuilds", "BatchDeleteBuilds"] as const) {
    // AWS's sentence: https://github.com/rlister/stax/issues/39
    await rejects(call(name, { ids: [] }), "InvalidInputException", /^The input build ID list cannot be empty\.$/);
    await rejects(call(name, { ids: many }), "ValidationException", /at 'ids' .* length less than or equal to 100$/);
  }
  await rejects(call("BatchGetProjects", { names: [] }), "ValidationException", /at 'names' .* equal to 1$/);
  const sortOrder = "UP" as "ASCENDING";
  await rejects(call("ListBuilds", { sortOrder }), "ValidationException", /at 'sortOrder'/);
  await rejects(call("ListBuildsForProject", { projectName: "hello", sortOrder }), "ValidationException", /sortOrder/);
  await rejects(call("ListProjects", { sortOrder }), "ValidationException", /at 'sortOrder'/);
  await rejects(call("ListProjects", { sortBy: "AGE" as "NAME" }), "ValidationException", /at 'sortBy'/);
});

test("builds are listed the newest first or last, a hundred at a time", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const { build } = await call("StartBuild", { projectName: "hello" });
  const ended = await opened.codeBuild.ended(build?.id ?? "");
  opened.codeBuild.store.builds.delete(ended.id);
  const ids = Array.from({ length: 120 }, (_, index) => `hello:${String(index).padStart(3, "0")}`);
  for (const [index, id] of ids.entries()) opened.codeBuild.store.builds.put(id, { ...ended, id, startTime: index });
  const first = await call("ListBuilds", {});
  assert.deepEqual([first.ids?.length, first.ids?.[0]], [100, "hello:119"]);
  const second = await call("ListBuilds", { nextToken: first.nextToken });
  assert.deepEqual(second, { ids: ids.slice(0, 20).reverse() });
  const oldest = await call("ListBuildsForProject", { projectName: "hello", sortOrder: "ASCENDING" });
  assert.deepEqual([oldest.ids?.length, oldest.ids?.[0]], [100, "hello:000"]);
});

test("every member of StartBuild changes the build", async (t) => {
  const { call, opened } = openOperations(t);
  await call("CreateProject", hello);
  const given: StartBuildCommandInput = {
    projectName: "hello",
    certificateOverride: "bucket/ca.pem",
    fleetOverride: { fleetArn: `arn:aws:codebuild:${region}:${account}:fleet/f` },
    computeTypeOverride: "BUILD_GENERAL1_LARGE",
    reportBuildStatusOverride: true,
    buildStatusConfigOverride: { context: "ci" },
    insecureSslOverride: true,
    timeoutInMinutesOverride: 7,
    queuedTimeoutInMinutesOverride: 8,
    encryptionKeyOverride: "alias/k",
    cacheOverride: { type: "S3", location: "bucket/cache" },
  };
  const { build } = await call("StartBuild", given);
  await opened.codeBuild.ended(build?.id ?? "");
  assert.deepEqual(
    [build?.environment?.certificate, build?.environment?.fleet, build?.environment?.computeType],
    [given.certificateOverride, given.fleetOverride, given.computeTypeOverride],
  );
  assert.deepEqual(
    [build?.source?.reportBuildStatus, build?.source?.buildStatusConfig, build?.source?.insecureSsl],
    [true, { context: "ci" }, true],
  );
  assert.deepEqual([build?.timeoutInMinutes, build?.queuedTimeoutInMinutes], [7, 8]);
  // A retry is the same build, whatever the project says.
  const { build: again } = await call("RetryBuild", { id: build?.id });
  await opened.codeBuild.ended(again?.id ?? "");
  for (const shown of [build, again]) {
    assert.deepEqual([shown?.encryptionKey, shown?.cache], ["alias/k", { type: "S3", location: "bucket/cache" }]);
  }
  assert.equal(again?.environment?.certificate, "bucket/ca.pem");
});
