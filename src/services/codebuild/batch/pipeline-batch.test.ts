import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fromBufferPromise } from "yauzl";
import { account, buildspecOf, openTestAccount, testProject, zipOf } from "../../../../test/builds/run-test-build.ts";
import type { PipelineBatchRequest } from "../pipeline-build.ts";
import type { BuiltArtifact } from "../run/build-run.ts";

const serviceRole = `arn:aws:iam::${account}:role/batch`;

const tasks = { "build-list": [{ identifier: "one" }, { identifier: "two" }] };

/** Each task writes a file of its name, which is its primary artifact; `notes` is a secondary one. */
const buildspec = buildspecOf(
  {
    build: ['echo "$CODEBUILD_INITIATOR $CODEBUILD_RESOLVED_SOURCE_VERSION" > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"'],
  },
  {
    batch: tasks,
    artifacts: { files: ["*.txt"], "secondary-artifacts": { notes: { files: ["source.md"] } } },
  },
);

async function runPipelineBatch(t: TestContext, request: Partial<PipelineBatchRequest>) {
  const opened = openTestAccount(t);
  const project = testProject({ settings: { buildBatchConfig: { serviceRole } } });
  opened.codeBuild.store.projects.put(project.name, project);
  const told: (BuiltArtifact & { content: Buffer | undefined })[] = [];
  const { id } = opened.codeBuild.startPipelineBatch({
    projectName: project.name,
    source: { zip: await zipOf({ "buildspec.yml": buildspec, "source.md": "#" }) },
    resolvedSourceVersion: "0123abc",
    outputs: undefined,
    combinesArtifacts: false,
    initiator: "codepipeline/p",
    async onArtifact(artifact) {
      const { archive } = artifact;
      told.push({ ...artifact, content: archive === undefined ? undefined : await buffer(archive) });
    },
    ...request,
  });
  const batch = await opened.codeBuild.batches.ended(id);
  return { opened, batch, told };
}

async function filesOf(archive: Buffer | undefined): Promise<Record<string, string>> {
  const zip = await fromBufferPromise(archive ?? Buffer.alloc(0));
  const files: Record<string, string> = {};
  for await (const entry of zip.eachEntry()) {
    files[entry.fileName] = (await buffer(await zip.openReadStreamPromise(entry))).toString();
  }
  return files;
}

const output = (name: string) => ({ name, location: { bucket: "store", key: `p/${name}/x.zip` } });

test("a pipeline's batch puts each task's artifacts where the outputs of its name are", async (t) => {
  const outputs = [output("one"), output("one_notes"), output("two_notes")];
  const { opened, batch } = await runPipelineBatch(t, { outputs });
  assert.equal(batch.status, "SUCCEEDED", opened.log);
  const names = outputs.map(({ name }) => `store/p/${name}/x.zip`);
  assert.deepEqual([...opened.objects.keys()].sort(), names.sort());
  const files = await filesOf(opened.objects.get("store/p/one/x.zip"));
  assert.deepEqual(files, { "one.txt": "codepipeline/p 0123abc\n" });
  assert.deepEqual(Object.keys(await filesOf(opened.objects.get("store/p/two_notes/x.zip"))), ["source.md"]);
});

test("without declared outputs a batch hands out what its tasks make, each with its task", async (t) => {
  const { opened, batch, told } = await runPipelineBatch(t, { outputLocationOf: () => undefined });
  assert.equal(batch.status, "SUCCEEDED", opened.log);
  const named = told.map((artifact) =>
    [artifact.batch?.id, artifact.batch?.task, artifact.identifier].join(" ").trim(),
  );
  const expected = ["one", "one notes", "two", "two notes"].map((name) => `${batch.id} ${name}`);
  assert.deepEqual(named.sort(), expected);
});

test("a combined artifact of a pipeline's batch is one archive of all primary ones", async (t) => {
  const { opened, batch } = await runPipelineBatch(t, { combinesArtifacts: true, outputs: [output("all")] });
  assert.equal(batch.status, "SUCCEEDED", opened.log);
  const files = Object.keys(await filesOf(opened.objects.get("store/p/all/x.zip")));
  assert.deepEqual(files.sort(), ["one.txt", "two.txt"]);
  assert.equal(batch.artifactLocation, "arn:aws:s3:::store/p/all/x.zip");
});

test("a combined artifact without a place in S3 is handed out once", async (t) => {
  const { told } = await runPipelineBatch(t, { combinesArtifacts: true });
  assert.equal(told.length, 1);
  assert.deepEqual(Object.keys(await filesOf(told[0]?.content)).sort(), ["one.txt", "two.txt"]);
  assert.deepEqual(told[0]?.files.toSorted(), ["one.txt", "two.txt"]);
});

test("a combined artifact is the only output of its action", async (t) => {
  const outputs = [output("one"), output("two")];
  await assert.rejects(runPipelineBatch(t, { combinesArtifacts: true, outputs }), {
    name: "InvalidInputException",
    message: /one output artifact/,
  });
});

test("a task's debug-session is a debug session of its build", async (t) => {
  const points: string[] = [];
  const list = [{ identifier: "one", "debug-session": true }, { identifier: "two" }];
  const paused = buildspecOf({ build: ["codebuild-breakpoint"] }, { batch: { "build-list": list } });
  const { opened, batch } = await runPipelineBatch(t, {
    source: { zip: await zipOf({ "buildspec.yml": paused }) },
    attendant: { onBreakpoint: async ({ buildId }) => void points.push(buildId) },
  });
  assert.equal(batch.status, "SUCCEEDED", opened.log);
  const one = batch.groups.find(({ planned }) => planned.identifier === "one")?.current?.buildId;
  assert.deepEqual(points, [one]);
});
