// The AWS CLI and boto3 drive batches of builds against `chubo up`, with a repository that a directory stands in for.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ChuboUp, startChuboUp } from "../fixtures/chubo-up.ts";

const directory = mkdtempSync(join(tmpdir(), "chubo-test-batch-"));
const repository = join(directory, "repository");
const url = "https://github.com/owner/app";
let up: ChuboUp;

const buildspec = {
  version: 0.2,
  batch: {
    "fast-fail": false,
    "build-graph": [
      { identifier: "first" },
      { identifier: "second", "depend-on": ["first"], env: { variables: { WORD: "of-the-task" } } },
      { identifier: "flaky", "ignore-failure": true },
    ],
  },
  phases: {
    build: {
      commands: [
        'echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER $WORD $(git rev-parse --abbrev-ref HEAD)" | tee "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"',
        '[ "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != flaky ]',
      ],
    },
  },
  artifacts: { files: ["*.txt"] },
};

const fanout = {
  version: 0.2,
  batch: { "build-fanout": { parallelism: 2 } },
  phases: {
    build: {
      commands: [
        "codebuild-tests-run --test-command 'echo tested' --files-search \"codebuild-glob-search 'tests/*.sh'\" --sharding-strategy equal-distribution",
      ],
    },
  },
};

before(async () => {
  for (const name of ["buildspec.json", "fanout.json", "tests/a.sh", "tests/b.sh", "tests/c.sh"]) {
    mkdirSync(join(repository, name, ".."), { recursive: true });
    const text = name === "buildspec.json" ? buildspec : name === "fanout.json" ? fanout : {};
    writeFileSync(join(repository, name), JSON.stringify(text));
  }
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.com", ...words]);
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "first");
  up = await startChuboUp(directory, ["--environment", "host", "--source", `${url}=${repository}`]);
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  const allow = (...actions: string[]) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });
  const makeRole = (name: string, policy: string) =>
    `aws iam create-role --role-name ${name} --assume-role-policy-document '${trust}'
aws iam put-role-policy --role-name ${name} --policy-name p --policy-document '${policy}'`;
  const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
  const project = (name: string, file: string) => ({
    name,
    source: { type: "GITHUB", location: url, buildspec: file, gitCloneDepth: 1 },
    artifacts: name === "graph" ? { type: "S3", location: "batch-bucket", name: "out" } : { type: "NO_ARTIFACTS" },
    environment: { type: "LINUX_CONTAINER", image: "aws/codebuild/standard:7.0", computeType: "BUILD_GENERAL1_SMALL" },
    serviceRole: role("build-role"),
    buildBatchConfig: { serviceRole: role("batch-role"), combineArtifacts: name === "graph" },
  });
  await up.shell(`aws s3 mb s3://batch-bucket
${makeRole("build-role", allow("logs:*", "s3:*"))}
${makeRole("batch-role", allow("codebuild:StartBuild", "codebuild:StopBuild", "codebuild:RetryBuild"))}
aws codebuild create-project --cli-input-json '${JSON.stringify(project("graph", "buildspec.json"))}'
aws codebuild create-project --cli-input-json '${JSON.stringify(project("fanout", "fanout.json"))}'`);
});
after(async () => {
  await up.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function batchOf(id: string) {
  for (let attempt = 0; ; attempt++) {
    const { buildBatches } = JSON.parse(await up.shell(`aws codebuild batch-get-build-batches --ids ${id}`));
    if (buildBatches[0].complete || attempt === 40) return buildBatches[0];
  }
}

test("aws runs a graph of a repository's builds and finds their artifacts in one place", async () => {
  const { buildBatch } = JSON.parse(await up.shell("aws codebuild start-build-batch --project-name graph"));
  const batch = await batchOf(buildBatch.id);
  assert.equal(batch.buildBatchStatus, "SUCCEEDED", JSON.stringify(batch.phases));
  assert.deepEqual(
    batch.phases.map((phase: { phaseType: string }) => phase.phaseType),
    ["SUBMITTED", "DOWNLOAD_BATCHSPEC", "IN_PROGRESS", "COMBINE_ARTIFACTS", "SUCCEEDED"],
  );
  const statuses = batch.buildGroups.map(
    (group: { identifier: string; currentBuildSummary: { buildStatus: string } }) =>
      `${group.identifier} ${group.currentBuildSummary.buildStatus}`,
  );
  assert.deepEqual(statuses, ["first SUCCEEDED", "second SUCCEEDED", "flaky FAILED"]);
  assert.equal(await up.shell("aws s3 cp s3://batch-bucket/out/second.txt -"), "second of-the-task HEAD\n");
  const commit = execFileSync("git", ["-C", repository, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  assert.equal(batch.resolvedSourceVersion, commit);
  const listed = JSON.parse(await up.shell("aws codebuild list-build-batches-for-project --project-name graph"));
  assert.deepEqual(listed.ids, [batch.id]);
});

test("boto3 runs a fan-out whose builds share the tests among them, and retries and deletes it", async () => {
  const script = `
import boto3, time
codebuild, logs = boto3.client("codebuild"), boto3.client("logs")
def finish(batch):
    while not batch["complete"]:
        time.sleep(0.1)
        batch = codebuild.batch_get_build_batches(ids=[batch["id"]])["buildBatches"][0]
    return batch
batch = finish(codebuild.start_build_batch(projectName="fanout", environmentVariablesOverride=[{"name": "CASE", "value": "x"}])["buildBatch"])
assert batch["buildBatchStatus"] == "SUCCEEDED", batch
builds = codebuild.batch_get_builds(ids=[group["currentBuildSummary"]["arn"] for group in batch["buildGroups"]])["builds"]
assert {build["buildBatchArn"] for build in builds} == {batch["arn"]}
tested = set()
for build in builds:
    events = logs.get_log_events(logGroupName=build["logs"]["groupName"], logStreamName=build["logs"]["streamName"])["events"]
    tested |= {line for event in events for line in event["message"].splitlines() if line.startswith("tested ")}
print(sorted(tested))
try:
    codebuild.retry_build_batch(id=batch["id"], retryType="RETRY_FAILED_BUILDS")
except codebuild.exceptions.InvalidInputException as error:
    print(error.response["Error"]["Message"].split(":")[0])
print(len(codebuild.delete_build_batch(id=batch["id"])["buildsDeleted"]))
`;
  const file = join(directory, "fanout.py");
  writeFileSync(file, script);
  assert.equal(
    await up.shell(`/usr/bin/python3 ${file}`),
    "['tested tests/a.sh tests/b.sh', 'tested tests/c.sh']\nOnly batch builds that have failed can be retried\n2\n",
  );
});
