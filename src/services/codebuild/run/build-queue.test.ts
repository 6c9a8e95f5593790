import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  buildspecOf,
  failureOf,
  openTestAccount,
  statusesOf,
  type TestAccount,
  testProject,
} from "../../../../test/builds/run-test-build.ts";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { openSqliteStore } from "../../../store/sqlite-store.ts";
import type { BuildRecord } from "../build.ts";
import type { ProjectRecord } from "../project.ts";

/** An account of one build at a time. Builds wait until a file is there, and then fail if they are told to. */
function open(t: TestContext, concurrentBuilds = 1): TestAccount {
  return openTestAccount(t, {}, openSqliteStore(":memory:"), concurrentBuilds);
}

function projectOf(commands: string[], changes: Partial<ProjectRecord> = {}): ProjectRecord {
  const source = { type: "NO_SOURCE", buildspec: buildspecOf({ build: commands }) };
  return testProject({ source, artifacts: { type: "NO_ARTIFACTS" }, ...changes });
}

const sleeping = projectOf(["sleep 4247"]);
const quick = projectOf(["true"]);

test("a build waits in QUEUED for another one's end, and its own time begins when it runs", async (t) => {
  const { codeBuild } = open(t);
  const first = codeBuild.start(sleeping, {}, {});
  const second = codeBuild.start(quick, {}, {});
  assert.equal(codeBuild.store.builds.get(second.id)?.phases.at(-1)?.phaseType, "QUEUED");
  codeBuild.stop(first.id);
  await codeBuild.ended(first.id);
  const build = await codeBuild.ended(second.id);
  assert.deepEqual([build.status, statusesOf(build).QUEUED], ["SUCCEEDED", "SUCCEEDED"]);
});

test("builds that wait run in the order in which they came", async (t) => {
  const opened = open(t);
  const first = opened.codeBuild.start(sleeping, {}, {});
  const names = ["a", "b", "c"];
  const waiting = names.map((name) => opened.codeBuild.start(projectOf([`echo run-${name}`]), {}, {}));
  opened.codeBuild.stop(first.id);
  for (const { id } of waiting) await opened.codeBuild.ended(id);
  assert.deepEqual(opened.log.match(/^run-\w$/gm), ["run-a", "run-b", "run-c"]);
});

test("a build that waits is stopped without having run", async (t) => {
  const { codeBuild } = open(t);
  const first = codeBuild.start(sleeping, {}, {});
  const second = codeBuild.start(quick, {}, {});
  codeBuild.stop(second.id);
  const build = await codeBuild.ended(second.id);
  assert.deepEqual(
    [build.status, statusesOf(build).QUEUED, statusesOf(build).PROVISIONING],
    ["STOPPED", "STOPPED", undefined],
  );
  codeBuild.stop(first.id);
  await codeBuild.ended(first.id);
});

test("a build that waits for longer than queuedTimeoutInMinutes is TIMED_OUT in QUEUED", async (t) => {
  const { codeBuild } = open(t);
  const first = codeBuild.start(sleeping, {}, {});
  const second = codeBuild.start({ ...quick, queuedTimeoutInMinutes: 0.001 }, {}, {});
  const build = await codeBuild.ended(second.id);
  assert.equal(statusesOf(build).QUEUED, "TIMED_OUT");
  assert.match(failureOf(build), /^QUEUED BUILD_TIMED_OUT/);
  codeBuild.stop(first.id);
  await codeBuild.ended(first.id);
});

test("a project at its concurrentBuildLimit starts no other build, while other projects do", async (t) => {
  const { codeBuild } = open(t, 4);
  const limited = { ...sleeping, settings: { concurrentBuildLimit: 1 } };
  codeBuild.store.projects.put("p1", limited);
  const first = codeBuild.start(limited, {}, {});
  const limitExceeded = { name: "AccountLimitExceededException", message: /more than 1 active builds/ };
  assert.throws(() => codeBuild.start(limited, {}, {}), limitExceeded);
  assert.equal(codeBuild.store.projects.get("p1")?.builds, 1);
  const other = await codeBuild.ended(codeBuild.start({ ...quick, name: "p2" }, {}, {}).id);
  assert.equal(other.status, "SUCCEEDED");
  codeBuild.stop(first.id);
  await codeBuild.ended(first.id);
  const again = codeBuild.start({ ...quick, settings: limited.settings }, {}, {});
  assert.equal((await codeBuild.ended(again.id)).status, "SUCCEEDED");
});

test("five times as many builds may wait as may run, and no more", async (t) => {
  const { codeBuild } = open(t);
  codeBuild.start(sleeping, {}, {});
  for (let index = 0; index < 5; index++) codeBuild.start(quick, {}, {});
  assert.throws(() => codeBuild.start(quick, {}, {}), {
    name: "AccountLimitExceededException",
    message: "Cannot have more than 5 builds in queue for the account",
  });
  await codeBuild.shutdown();
});

const failing = projectOf(["exit 1"], { settings: { autoRetryLimit: 2 } });

async function chainOf({ codeBuild }: TestAccount, id: string): Promise<BuildRecord[]> {
  const builds: BuildRecord[] = [];
  for (let next: string | undefined = id; next !== undefined; ) {
    const build: BuildRecord = await codeBuild.ended(next);
    builds.push(build);
    next = build.autoRetry?.next?.replace(/^.*:build\//, "");
  }
  return builds;
}

test("a failed build of a project with an autoRetryLimit is built again as often, each knowing the next", async (t) => {
  const opened = open(t);
  const builds = await chainOf(opened, opened.codeBuild.start(failing, {}, {}).id);
  assert.deepEqual(
    builds.map(({ autoRetry, status }) => [autoRetry?.number, status]),
    [
      [0, "FAILED"],
      [1, "FAILED"],
      [2, "FAILED"],
    ],
  );
  assert.equal(builds[2]?.autoRetry?.previous, builds[1]?.arn);
});

test("a retry ends with the first build that succeeds", async (t) => {
  const opened = open(t);
  const place = `${opened.temporaryDirectory}/tried`;
  const project = projectOf([`[ -e ${place} ] || { touch ${place}; exit 1; }`], { settings: { autoRetryLimit: 5 } });
  const builds = await chainOf(opened, opened.codeBuild.start(project, {}, {}).id);
  assert.deepEqual(
    builds.map(({ status }) => status),
    ["FAILED", "SUCCEEDED"],
  );
});

test("a build is not retried where its role may not call RetryBuild, nor one that was stopped", async (t) => {
  const opened = open(t);
  opened.onAuthorize = (action) => {
    throw new AwsError("AccessDeniedException", `not authorized to perform: ${action}`);
  };
  assert.equal((await chainOf(opened, opened.codeBuild.start(failing, {}, {}).id)).length, 1);
  assert.match(opened.notes.join("\n"), /not retried, though autoRetryLimit is 2: .*codebuild:RetryBuild/);
  opened.onAuthorize = () => undefined;
  const stopped = opened.codeBuild.start({ ...sleeping, settings: failing.settings }, {}, {});
  opened.codeBuild.stop(stopped.id);
  assert.equal((await chainOf(opened, stopped.id)).length, 1);
});
