// The example of the same name: the demo's three runs, with real docker, against the simulated Docker Hub.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failureOf, repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const example = join(repository, "examples", "docker-hub-limit");
const nothingLeft = ["--hub", "simulated", "--hub-remaining", "0", "--environment", "host", "--json"];
const alice = ["--hub-account", "alice:correct-horse:personal"];

function runExample(template: string, source: string, state: string, options: string[] = []) {
  const words = ["run", join(example, template), "--source", join(example, source), "--state", state];
  return runChubo([...words, ...nothingLeft, ...options]);
}

function loginParameters(password: string): string[] {
  return ["--parameter", "DockerHubUser=alice", "--parameter", `DockerHubPassword=${password}`];
}

test("an anonymous build fails in BUILD with Docker Hub's own words when the address has no pulls left", async (t) => {
  const outcome = await runExample("anonymous.yml", "app", temporaryDirectory(t));
  assert.equal(outcome.status, 1, outcome.stderr);
  const result = resultOf(outcome);
  assert.match(failureOf(result) ?? "", /^BUILD COMMAND_EXECUTION_ERROR: /);
  assert.match(outcome.stderr, /toomanyrequests: You have reached your pull rate limit/);
  const [where = "", said = "", remedy = ""] = outcome.stderr.trimEnd().split("\n").slice(-3);
  assert.match(where, /^✗ FAILED in BUILD: docker build -t "\$REPOSITORY_URI:\$TAG" \. \(exit status 1\)$/);
  assert.match(said, /toomanyrequests/);
  assert.match(
    remedy,
    /log in to Docker Hub before the pull, or take it from public\.ecr\.aws\/docker\/library\/httpd/,
  );
  assert.ok(result.pulls.some((pull) => pull.as === "anonymous" && pull.status === 429));
  assert.deepEqual(result.images, []);
});

test("a login to Docker Hub mends it, and the password is nowhere to be found", async (t) => {
  const state = temporaryDirectory(t);
  const outcome = await runExample("with-login.yml", "app", state, [
    ...alice,
    ...loginParameters("correct-horse"),
    "--keep",
  ]);
  assert.equal(outcome.status, 0, outcome.stderr);
  const result = resultOf(outcome);
  assert.ok(result.pulls.length > 0);
  for (const pull of result.pulls) assert.equal(pull.as, "alice");
  assert.match(result.images[0]?.repository ?? "", /^kitchen\/web$/);
  const [artifact] = result.builds[0]?.artifacts ?? [];
  assert.deepEqual(artifact?.files, ["imagedefinitions.json"]);
  assert.match(readFileSync(join(artifact.path, "imagedefinitions.json"), "utf8"), /kitchen\/web:[0-9a-f]{7}/);
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /correct-horse/);
  // grep ends with 1 where nothing matches.
  assert.throws(
    () => execFileSync("grep", ["-r", "-a", "-l", "correct-horse", state]),
    (error) => (error as { status: number }).status === 1,
  );
});

test("a wrong password fails the login command in PRE_BUILD", async (t) => {
  const outcome = await runExample("with-login.yml", "app", temporaryDirectory(t), [
    ...alice,
    ...loginParameters("wrong"),
  ]);
  assert.equal(outcome.status, 1, outcome.stderr);
  assert.match(failureOf(resultOf(outcome)) ?? "", /^PRE_BUILD COMMAND_EXECUTION_ERROR: .*docker login --username/);
  assert.match(outcome.stderr, /unauthorized: incorrect username or password/);
});

test("the same official image from ECR Public mends it too", async (t) => {
  const outcome = await runExample("anonymous.yml", "app-ecr-public", temporaryDirectory(t));
  assert.equal(outcome.status, 0, outcome.stderr);
  const result = resultOf(outcome);
  assert.ok(result.pulls.every((pull) => pull.registry === "public.ecr.aws" && !pull.counted));
  assert.equal(result.images.length, 1);
});
