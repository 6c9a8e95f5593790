import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { account, buildspecOf, openTestAccount, region, testProject } from "../../../../test/builds/run-test-build.ts";
import type { CallContext } from "../../../aws-api/service.ts";
import { codeBuildOperations } from "../operations.ts";
import type { ProjectSettings } from "../project.ts";

const context: CallContext = {
  ...{ service: "codebuild", operation: "", requestId: "r", region, account },
  principal: { arn: `arn:aws:iam::${account}:user/alice`, account, userId: "u" },
};

const secondaryArtifacts = (location: string) => [{ type: "S3" as const, location, artifactIdentifier: "notes" }];

const before: ProjectSettings = {
  secondaryArtifacts: secondaryArtifacts("before"),
  cache: { type: "S3", location: "caches/before" },
};
const after: ProjectSettings = {
  secondaryArtifacts: secondaryArtifacts("after"),
  cache: { type: "S3", location: "caches/after" },
};

/** A project whose builds fail after their artifacts are made; its settings change between a build and its retry. */
function open(t: TestContext) {
  const opened = openTestAccount(t);
  const batch = { "build-list": [{ identifier: "one" }] };
  const artifacts = { files: ["a.txt"], "secondary-artifacts": { notes: { files: ["a.txt"] } } };
  const buildspec = buildspecOf({ build: ["touch a.txt; false"] }, { batch, artifacts });
  const put = (settings: ProjectSettings) => {
    const buildBatchConfig = { serviceRole: `arn:aws:iam::${account}:role/batch` };
    const project = testProject({
      source: { type: "NO_SOURCE", buildspec },
      artifacts: { type: "NO_ARTIFACTS" },
      settings: { ...settings, buildBatchConfig },
    });
    opened.codeBuild.store.projects.put(project.name, project);
    return project;
  };
  return { opened, put, operations: codeBuildOperations(opened.codeBuild, () => new Date()) };
}

test("RetryBuild takes the secondary artifacts and the cache of the project as it then was", async (t) => {
  const { opened, put, operations } = open(t);
  const { codeBuild } = opened;
  const first = codeBuild.start(put(before), {}, {});
  await codeBuild.ended(first.id);
  put(after);
  const retried = await operations.RetryBuild?.run({ id: first.id }, context);
  const again = await codeBuild.ended(retried?.build?.id ?? "");
  assert.deepEqual([again.cache, again.secondaryArtifacts], [before.cache, before.secondaryArtifacts]);
  assert.equal([...opened.objects.keys()].filter((key) => key.startsWith("before/")).length, 1);
  assert.ok(![...opened.objects.keys()].some((key) => key.startsWith("after/")));
});

test("RetryBuildBatch takes the secondary artifacts and the cache of the project as it then was", async (t) => {
  const { opened, put, operations } = open(t);
  const { batches, store } = opened.codeBuild;
  const first = batches.start(put(before), {}, {});
  await batches.ended(first.id);
  put(after);
  await operations.RetryBuildBatch?.run({ id: first.id }, context);
  const [group] = (await batches.ended(first.id)).groups;
  assert.equal(group?.prior.length, 1);
  const again = store.builds.get(group?.current?.buildId ?? "");
  assert.deepEqual([again?.cache, again?.secondaryArtifacts?.[0]?.location], [before.cache, "before"]);
  // Each build of a batch has a place of its own.
  assert.equal([...opened.objects.keys()].filter((key) => key.startsWith("before/")).length, 2);
});
