// Templates that were written for Docker, with podman under its name.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPrograms, programPath } from "../../../src/containers/find-program.ts";
import { type Outcome, repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const lacksPodman = findPrograms("podman", programPath("")).length > 0 ? false : "podman is not installed";
const inputs = join(repository, "..", "shared", "inputs");
const nothingLeft = ["--hub", "simulated", "--hub-remaining", "0", "--hub-account", "alice:correct-horse:personal"];
const podman = [...nothingLeft, "--engine", "podman", "--environment", "host", "--json"];

function assertPulledAsAlice(outcome: Outcome, repositoryName: string): void {
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, /· environment: host, private directory; podman under the name docker/);
  const { images, pulls } = resultOf(outcome);
  assert.ok(pulls.length > 0);
  for (const pull of pulls) assert.deepEqual([pull.as, pull.status], ["alice", 200]);
  assert.deepEqual(
    images.map((image) => image.repository),
    [repositoryName],
  );
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /correct-horse/);
}

test("podman builds and pushes with a login to Docker Hub when the address has no pulls left", {
  skip: lacksPodman,
}, async (t) => {
  const example = join(repository, "examples", "docker-hub-limit");
  const words = ["run", join(example, "with-login.yml"), "--source", join(example, "app")];
  const parameters = ["--parameter", "DockerHubUser=alice", "--parameter", "DockerHubPassword=correct-horse"];
  const outcome = await runChubo([...words, ...parameters, "--state", temporaryDirectory(t), ...podman]);
  assertPulledAsAlice(outcome, "kitchen/web");
});

test("the article's template runs with podman, to which DOCKER_BUILDKIT means nothing, and the run says so", {
  skip: lacksPodman || (existsSync(inputs) ? false : "the article's template is not beside the repository"),
}, async (t) => {
  const templates = [join(inputs, "surroundings.yml"), join(inputs, "article-template.yml")];
  const given = ["DockerHubUserName=alice", "DockerHubPassword=correct-horse", "PJPrefix=demo"];
  const parameters = given.flatMap((parameter) => ["--parameter", parameter]);
  const words = ["run", ...templates, "--source", join(inputs, "app"), ...parameters];
  const outcome = await runChubo([...words, "--state", temporaryDirectory(t), ...podman]);
  assertPulledAsAlice(outcome, "demo-app");
  assert.match(outcome.stderr, /· Builds run without BuildKit, whatever DOCKER_BUILDKIT says: the engine is podman\./);
  assert.deepEqual(resultOf(outcome).builds[0]?.artifacts[0]?.files.toSorted(), ["imageDetail.json", "taskdef.json"]);
});
