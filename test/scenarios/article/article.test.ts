// The published article's template, unmodified, where it is at hand beside the repository.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { failureOf, repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const inputs = join(repository, "..", "shared", "inputs");
const skip = existsSync(inputs) ? false : "the article's template is not beside the repository";
const template = join(inputs, "article-template.yml");

function runArticle(t: TestContext, articleTemplate: string, password = "correct-horse") {
  const parameters = ["DockerHubUserName=alice", `DockerHubPassword=${password}`, "PJPrefix=demo"];
  return runChubo([
    "run",
    join(inputs, "surroundings.yml"),
    articleTemplate,
    ...["--source", join(inputs, "app")],
    ...parameters.flatMap((parameter) => ["--parameter", parameter]),
    ...["--hub", "simulated", "--hub-account", "alice:correct-horse:personal", "--hub-remaining", "0"],
    ...["--state", temporaryDirectory(t), "--json"],
  ]);
}

/** The article's template without the statement of its role that begins with this action. */
function templateWithout(t: TestContext, action: string): string {
  const statements = readFileSync(template, "utf8").split(/(?=^ {14}- Effect: Allow$)/m);
  const kept = statements.filter((statement) => !statement.includes(`\n                  - ${action}`));
  assert.equal(kept.length, statements.length - 1);
  const file = join(temporaryDirectory(t), "article-template.yml");
  writeFileSync(file, kept.join(""));
  return file;
}

test("the article's template builds and pushes with its login when the address has no pulls left", {
  skip,
}, async (t) => {
  const outcome = await runArticle(t, template);
  assert.equal(outcome.status, 0, outcome.stderr);
  const result = resultOf(outcome);
  const hubPulls = result.pulls.filter(({ registry }) => registry === "docker.io");
  assert.ok(hubPulls.length > 0 && hubPulls.every((pull) => pull.as === "alice"));
  const [image] = result.images;
  assert.equal(image?.repository, "demo-app");
  const [artifact] = result.builds[0]?.artifacts ?? [];
  assert.deepEqual(artifact?.files.toSorted(), ["imageDetail.json", "taskdef.json"]);
  const read = (name: string) => JSON.parse(readFileSync(join(artifact?.path ?? "", name), "utf8"));
  assert.equal(read("taskdef.json").containerDefinitions[0].image, "<IMAGE_URI>");
  assert.equal(read("imageDetail.json").ImageURI, `${image?.registry}/demo-app:${image?.tag}`);
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /correct-horse/);
});

test("the article's build stops at the login command when the password is wrong", { skip }, async (t) => {
  const outcome = await runArticle(t, template, "wrong-horse");
  assert.equal(outcome.status, 1, outcome.stderr);
  assert.match(failureOf(resultOf(outcome)) ?? "", /^PRE_BUILD COMMAND_EXECUTION_ERROR: .*docker login -u/);
});

test("without the secretsmanager statement the build stops in DOWNLOAD_SOURCE and says who may not do what", {
  skip,
}, async (t) => {
  const outcome = await runArticle(t, templateWithout(t, "secretsmanager:GetResourcePolicy"));
  assert.equal(outcome.status, 1, outcome.stderr);
  const failure = failureOf(resultOf(outcome)) ?? "";
  assert.match(failure, /^DOWNLOAD_SOURCE /);
  assert.match(failure, /AccessDenied.*assumed-role\/demo-role-for-codebuild.*secretsmanager:GetSecretValue/);
  assert.match(failure, /arn:aws:secretsmanager:[^ ]*secret-for-docker-hub-connection/);
});

test("without the ecr statement the ECR login is denied", { skip }, async (t) => {
  const outcome = await runArticle(t, templateWithout(t, "ecr:GetAuthorizationToken"));
  assert.equal(outcome.status, 1, outcome.stderr);
  const result = resultOf(outcome);
  assert.deepEqual(
    result.iam.denied.map(({ action }) => action),
    ["ecr:GetAuthorizationToken"],
  );
  assert.match(outcome.stderr, /AccessDeniedException.*ecr:GetAuthorizationToken/);
});
