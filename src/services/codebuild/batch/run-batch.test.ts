import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { BuildBatch } from "@aws-sdk/client-codebuild";
import {
  account,
  buildspecOf,
  openTestAccount,
  region,
  type TestAccount,
  testProject,
  zipOf,
} from "../../../../test/builds/run-test-build.ts";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CallContext } from "../../../aws-api/service.ts";
import { openSqliteStore } from "../../../store/sqlite-store.ts";
import { codeBuildOperations } from "../operations.ts";
import type { ProjectRecord } from "../project.ts";
import { type BatchRecord, describeBatch } from "./batch.ts";

const context: CallContext = {
  ...{ service: "codebuild", operation: "", requestId: "r", region, account },
  principal: { arn: `arn:aws:iam::${account}:user/alice`, account, userId: "u" },
};

interface BatchOptions {
  commands?: string[];
  project?: Partial<ProjectRecord>;
  config?: NonNullable<ProjectRecord["settings"]["buildBatchConfig"]>;
  concurrentBuilds?: number;
  prepare?(opened: TestAccount): void;
  rest?: object;
}

/** A project whose buildspec holds a batch, and the calls that a client would make. */
function open(t: TestContext, batch: object, options: BatchOptions = {}) {
  const { commands = ['echo "task $CODEBUILD_BATCH_BUILD_IDENTIFIER"'], config = {} } = options;
  const opened = openTestAccount(t, {}, openSqliteStore(":memory:"), options.concurrentBuilds);
  options.prepare?.(opened);
  const buildspec = buildspecOf({ build: commands }, { batch, ...options.rest });
  const settings = { buildBatchConfig: { serviceRole: `arn:aws:iam::${account}:role/batch`, ...config } };
  const project = testProject({
    source: { type: "NO_SOURCE", buildspec },
    artifacts: { type: "NO_ARTIFACTS" },
    settings,
    ...options.project,
  });
  opened.codeBuild.store.projects.put(project.name, project);
  const operations = codeBuildOperations(opened.codeBuild, () => new Date());
  const call = async <Name extends keyof typeof operations>(
    name: Name,
    input: Parameters<NonNullable<(typeof operations)[Name]>["run"]>[0],
  ) => {
    const operation = operations[name] as { run(input: unknown, context: CallContext): unknown };
    return (await operation.run(input, context)) as Awaited<ReturnType<NonNullable<(typeof operations)[Name]>["run"]>>;
  };
  const start = async (input: object = {}) => {
    const { buildBatch } = await call("StartBuildBatch", { projectName: project.name, ...input });
    return buildBatch?.id ?? "";
  };
  const finish = async (id: string) => describeBatch(await opened.codeBuild.batches.ended(id));
  return { opened, call, start, finish, run: async (input?: object) => finish(await start(input)) };
}

const task = (identifier: string, more: object = {}) => ({ identifier, ...more });
const phasesOf = ({ phases = [] }: BuildBatch) =>
  phases.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus}`);
const statusesOf = ({ buildGroups = [] }: BuildBatch) =>
  Object.fromEntries(buildGroups.map((one) => [one.identifier, one.currentBuildSummary?.buildStatus]));
const contextOf = ({ phases = [] }: BuildBatch) => {
  const context = phases.find(({ phaseStatus }) => phaseStatus !== "SUCCEEDED")?.contexts?.[0];
  return `${context?.statusCode}: ${context?.message}`;
};

/** The order in which tasks have said that they began and ended. */
const eventsOf = ({ log }: TestAccount) => log.match(/^(begin|end) \w+$/gm) ?? [];

test("a graph's builds wait for those that they depend on, and know their names", async (t) => {
  const graph = [
    task("last", { "depend-on": ["left", "right"], env: { variables: { WORD: "of the task" } } }),
    task("left", { "depend-on": ["first"] }),
    task("right", { "depend-on": ["first"] }),
    task("first"),
  ];
  const commands = [
    'echo "begin $CODEBUILD_BATCH_BUILD_IDENTIFIER"; sleep 0.05; echo "end $CODEBUILD_BATCH_BUILD_IDENTIFIER"',
    'echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER has $WORD"',
  ];
  const { opened, run } = open(t, { "build-graph": graph }, { commands });
  const batch = await run();
  assert.equal(batch.buildBatchStatus, "SUCCEEDED", contextOf(batch));
  const events = eventsOf(opened);
  assert.deepEqual(events.slice(0, 2), ["begin first", "end first"]);
  assert.deepEqual(events.slice(-2), ["begin last", "end last"]);
  assert.match(opened.log, /^last has of the task$/m);
  assert.deepEqual(phasesOf(batch), [
    "SUBMITTED SUCCEEDED",
    "DOWNLOAD_BATCHSPEC SUCCEEDED",
    "IN_PROGRESS SUCCEEDED",
    "SUCCEEDED SUCCEEDED",
  ]);
  assert.deepEqual(batch.buildGroups?.[0]?.dependsOn, ["left", "right"]);
  const build = opened.codeBuild.store.builds.list("p1:").find((one) => one.batch?.identifier === "left");
  assert.equal(build?.batch?.arn, batch.arn);
  assert.match(batch.arn ?? "", /:build-batch\/p1:[0-9a-f-]{36}$/);
});

test("a list's builds run at once, as many as the account may have", async (t) => {
  const list = ["a", "b", "c", "d"].map((name) => task(name));
  // Each waits for another one to be there: alone none would end well.
  const commands = [
    `touch "$PLACE/$CODEBUILD_BATCH_BUILD_IDENTIFIER"; n=0
while [ "$(ls "$PLACE" | wc -l)" -lt 2 ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done; [ $n -lt 200 ]`,
    'echo "count $(ls "$PLACE" | wc -l)"; rm "$PLACE/$CODEBUILD_BATCH_BUILD_IDENTIFIER"; touch "$PLACE/left"',
  ];
  const { opened, run } = open(t, { "build-list": list }, { commands, concurrentBuilds: 2 });
  const place = `${opened.temporaryDirectory}/place`;
  const { mkdirSync } = await import("node:fs");
  mkdirSync(place);
  const batch = await run({ environmentVariablesOverride: [{ name: "PLACE", value: place }] });
  assert.equal(batch.buildBatchStatus, "SUCCEEDED", opened.log);
  const waited = opened.codeBuild.store.builds.list("p1:").map(({ phases }) => phases[1]);
  assert.deepEqual(new Set(waited.map((phase) => phase?.phaseType)), new Set(["QUEUED"]));
});

test("after a failure the others go on, and what depends on it is not built", async (t) => {
  const graph = [task("bad"), task("after", { "depend-on": ["bad"] }), task("other")];
  const { run } = open(t, { "build-graph": graph }, { commands: ['[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != bad ]'] });
  const batch = await run();
  assert.equal(batch.buildBatchStatus, "FAILED");
  assert.deepEqual(statusesOf(batch), { bad: "FAILED", after: undefined, other: "SUCCEEDED" });
  assert.equal(batch.currentPhase, "FAILED");
});

test("a failure that is to be ignored lets what depends on it run, and the batch succeed", async (t) => {
  const graph = [task("bad", { "ignore-failure": true }), task("after", { "depend-on": ["bad"] })];
  const { run } = open(t, { "build-graph": graph }, { commands: ['[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != bad ]'] });
  const batch = await run();
  assert.deepEqual([batch.buildBatchStatus, statusesOf(batch)], ["SUCCEEDED", { bad: "FAILED", after: "SUCCEEDED" }]);
});

test("a batch that fails fast stops what runs and begins nothing new", async (t) => {
  const list = [task("bad"), task("slow"), task("late")];
  const commands = ['case "$CODEBUILD_BATCH_BUILD_IDENTIFIER" in bad) sleep 0.3; exit 1;; *) sleep 4245;; esac'];
  const { run } = open(t, { "fast-fail": true, "build-list": list }, { commands, concurrentBuilds: 2 });
  const batch = await run();
  assert.equal(batch.buildBatchStatus, "FAILED");
  assert.deepEqual(statusesOf(batch), { bad: "FAILED", slow: "STOPPED", late: "STOPPED" });
});

test("StopBuildBatch ends the builds and the batch", async (t) => {
  const { opened, call, start, finish } = open(
    t,
    { "build-list": [task("a")] },
    { commands: ["echo sleeping; sleep 4246"] },
  );
  let id = "";
  opened.onLog = (log) => {
    if (/^sleeping$/m.test(log)) void call("StopBuildBatch", { id });
  };
  id = await start();
  const batch = await finish(id);
  assert.deepEqual([batch.buildBatchStatus, batch.currentPhase], ["STOPPED", "STOPPED"]);
  assert.deepEqual(statusesOf(batch), { a: "STOPPED" });
});

const refused: { title: string; batch?: object; config?: object; message: RegExp }[] = [
  {
    title: "a circle",
    batch: { "build-graph": [task("a", { "depend-on": ["a"] })] },
    message: /^YAML_FILE_ERROR: circular dependency: a -> a at line \d+$/,
  },
  {
    title: "more builds than are allowed",
    batch: { "build-fanout": { parallelism: 3 } },
    config: { restrictions: { maximumBuildsAllowed: 2 } },
    message: /^CLIENT_ERROR: the batch has 3 builds, and 2 are allowed/,
  },
  {
    title: "a compute type that is not allowed",
    batch: { "build-list": [task("a", { env: { "compute-type": "BUILD_GENERAL1_LARGE" } })] },
    config: { restrictions: { computeTypesAllowed: ["BUILD_GENERAL1_SMALL"] } },
    message: /^CLIENT_ERROR: a asks for BUILD_GENERAL1_LARGE, and BUILD_GENERAL1_SMALL are allowed/,
  },
  {
    title: "a fleet that is not allowed",
    batch: { "build-list": [task("a", { env: { fleet: "big" } })] },
    config: { restrictions: { computeTypesAllowed: ["BUILD_GENERAL1_LARGE"], fleetsAllowed: ["small"] } },
    message: /^CLIENT_ERROR: a asks for big, and small are allowed \(restrictions\.fleetsAllowed\)/,
  },
];
for (const { title, batch = {}, config = {}, message } of refused) {
  test(`a batch with ${title} fails in DOWNLOAD_BATCHSPEC`, async (t) => {
    const { opened, run } = open(t, batch, { config });
    const failed = await run();
    assert.deepEqual(phasesOf(failed), ["SUBMITTED SUCCEEDED", "DOWNLOAD_BATCHSPEC FAILED", "FAILED FAILED"]);
    assert.match(contextOf(failed), message);
    assert.deepEqual(opened.codeBuild.store.builds.list(), []);
  });
}

test("a buildspec without a batch fails the batch", async (t) => {
  const { run } = open(
    t,
    {},
    { project: { source: { type: "NO_SOURCE", buildspec: buildspecOf({ build: ["true"] }) } } },
  );
  assert.equal(contextOf(await run()), "YAML_FILE_ERROR: the buildspec has no batch");
});

test("the batch's role must be allowed to start builds", async (t) => {
  const { opened, run } = open(t, { "build-list": [task("a")] });
  opened.onAuthorize = (action) => {
    if (action === "codebuild:StartBuild")
      throw new AwsError("AccessDeniedException", `not authorized to perform: ${action}`);
  };
  const batch = await run();
  assert.equal(contextOf(batch), "ACCESS_DENIED: not authorized to perform: codebuild:StartBuild");
  assert.deepEqual(statusesOf(batch), { a: undefined });
});

test("RetryBuildBatch builds what has failed once more, in the same batch, or all", async (t) => {
  const { opened, call, run, finish } = open(
    t,
    { "build-list": [task("flaky"), task("good")] },
    {
      commands: ['[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" = good ] || [ -e "$PLACE" ]'],
    },
  );
  const place = `${opened.temporaryDirectory}/place`;
  const first = await run({ environmentVariablesOverride: [{ name: "PLACE", value: place }] });
  const id = first.id ?? "";
  assert.deepEqual(statusesOf(first), { flaky: "FAILED", good: "SUCCEEDED" });
  (await import("node:fs")).writeFileSync(place, "");
  await call("RetryBuildBatch", { id, retryType: "RETRY_FAILED_BUILDS", idempotencyToken: "t" });
  const second = await finish(id);
  await call("RetryBuildBatch", { id, retryType: "RETRY_FAILED_BUILDS", idempotencyToken: "t" });
  assert.deepEqual(
    [second.buildBatchStatus, statusesOf(second)],
    ["SUCCEEDED", { flaky: "SUCCEEDED", good: "SUCCEEDED" }],
  );
  const [flaky, good] = second.buildGroups ?? [];
  assert.deepEqual(
    flaky?.priorBuildSummaryList?.map(({ buildStatus }) => buildStatus),
    ["FAILED"],
  );
  assert.equal(good?.priorBuildSummaryList, undefined);
  assert.equal(opened.codeBuild.store.builds.list("p1:").length, 3);
  await assert.rejects(call("RetryBuildBatch", { id }), { name: "InvalidInputException", message: /have failed/ });
});

test("batches are found, listed by status and project, and deleted with their builds", async (t) => {
  const { call, run } = open(t, { "build-fanout": { parallelism: 2 } });
  const [one, two] = [await run(), await run()];
  assert.deepEqual([one.buildBatchNumber, two.buildBatchNumber], [1, 2]);
  const { buildBatches = [], buildBatchesNotFound } = await call("BatchGetBuildBatches", {
    ids: [one.arn ?? "", "p1:none"],
  });
  assert.deepEqual([buildBatches[0]?.id, buildBatchesNotFound], [one.id, ["p1:none"]]);
  const page = await call("ListBuildBatches", { maxResults: 1, sortOrder: "ASCENDING" });
  assert.deepEqual([page.ids, page.nextToken], [[one.id], one.id]);
  assert.deepEqual((await call("ListBuildBatches", { filter: { status: "FAILED" } })).ids, []);
  assert.equal((await call("ListBuildBatchesForProject", { projectName: "p1" })).ids?.length, 2);
  const deleted = await call("DeleteBuildBatch", { id: one.id });
  assert.deepEqual([deleted.statusCode, deleted.buildsDeleted?.length], ["SUCCESS", 2]);
  assert.equal((await call("ListBuilds", {})).ids?.length, 2);
});

test("a project without a role for batches starts none", async (t) => {
  const { start } = open(t, { "build-list": [task("a")] }, { project: { settings: {} } });
  await assert.rejects(start(), { name: "InvalidInputException", message: /no buildBatchConfig with a serviceRole/ });
});

test("artifacts of a batch's builds lie below their IDs, and are combined where the project wants it", async (t) => {
  const artifacts = { type: "S3", location: "bucket", path: "out", name: "all" };
  const options: BatchOptions = {
    commands: ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER" > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"'],
    project: { artifacts },
    rest: { artifacts: { files: ["*.txt"] } },
  };
  const apart = open(t, { "build-list": [task("a"), task("b")] }, options);
  await apart.run();
  const names = [...apart.opened.objects.keys()].sort((one, other) => one.slice(-5).localeCompare(other.slice(-5)));
  assert.match(names.join(" "), /^bucket\/out\/[0-9a-f-]{36}\/all\/a\.txt bucket\/out\/[0-9a-f-]{36}\/all\/b\.txt$/);
  const together = open(
    t,
    { "build-list": [task("a"), task("b")] },
    { ...options, config: { combineArtifacts: true } },
  );
  const batch = await together.run();
  assert.equal(batch.buildBatchStatus, "SUCCEEDED", contextOf(batch));
  assert.ok(phasesOf(batch).includes("COMBINE_ARTIFACTS SUCCEEDED"));
  assert.equal(together.opened.objects.get("bucket/out/all/b.txt")?.toString(), "b\n");
  assert.equal(batch.artifacts?.location, "arn:aws:s3:::bucket/out/all");
});

test("archives of a batch's builds are combined into one", async (t) => {
  const options: BatchOptions = {
    commands: ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER" > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"; echo x > both.txt'],
    project: { artifacts: { type: "S3", location: "bucket", name: "all.zip", packaging: "ZIP" } },
    config: { combineArtifacts: true },
    rest: { artifacts: { files: ["*.txt"] } },
  };
  const { opened, run } = open(t, { "build-list": [task("a"), task("b")] }, options);
  await run();
  const { fromBufferPromise } = await import("yauzl");
  const zip = await fromBufferPromise(opened.objects.get("bucket/all.zip") ?? Buffer.alloc(0));
  const names: string[] = [];
  for await (const { fileName } of zip.eachEntry()) names.push(fileName);
  assert.deepEqual(names.sort(), ["a.txt", "b.txt", "both.txt"]);
});

test("a batch is read from the source, and its tasks name buildspecs of their own", async (t) => {
  const { opened, run } = open(
    t,
    {},
    {
      project: { source: { type: "S3", location: "bucket/s.zip" } },
      prepare: ({ objects }) => void objects.set("bucket/s.zip", source),
    },
  );
  const batch = await run();
  assert.equal(batch.buildBatchStatus, "SUCCEEDED", contextOf(batch));
  assert.match(opened.log, /^from the other$/m);
});

const source = await zipOf({
  "buildspec.yml": buildspecOf(
    { build: ["exit 1"] },
    { batch: { "build-list": [task("a", { buildspec: "other.yml" })] } },
  ),
  "other.yml": buildspecOf({ build: ["echo from the other"] }),
});

test("a batch that a crash left behind is FAULT at the next start", async (t) => {
  const { opened, run } = open(t, { "build-list": [task("a")] });
  const { id = "" } = await run();
  const { batches } = opened.codeBuild.store;
  const ended = batches.get(id) as BatchRecord;
  const { endTime: _, ...going } = ended;
  const phases = ended.phases.slice(0, 3).map((phase) => ({ ...phase }));
  delete phases[2]?.endTime;
  batches.put(id, { ...going, status: "IN_PROGRESS", phases });
  const found = openTestAccount(t, {}, opened.store).codeBuild.store.batches.get(id);
  assert.deepEqual([found?.status, found?.phases[2]?.phaseStatus], ["FAULT", "FAULT"]);
  assert.match(found?.phases[2]?.contexts[0]?.message ?? "", /server ended/);
});

test("values of a batch's variables are not in clear in the store", async (t) => {
  const { opened, run } = open(t, { "build-list": [task("a")] });
  await run({ environmentVariablesOverride: [{ name: "PASSWORD", value: "correct-horse" }] });
  assert.doesNotMatch(JSON.stringify(opened.store.collection("codebuild.batch").list()), /correct-horse/);
});
