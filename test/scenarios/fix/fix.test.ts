// `chubo check` finds the example's anonymous pull, `chubo fix` mends it, and `chubo run` proves it with nothing remaining.
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeOneProject } from "../one-project.ts";
import { repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const nothingLeft = ["--hub", "simulated", "--hub-remaining", "0", "--environment", "host", "--json"];
const alice = ["--hub-account", "alice:correct-horse:personal"];
const parameters = ["--parameter", "DockerHubUserName=alice", "--parameter", "DockerHubPassword=correct-horse"];

function copyExample(t: TestContext): { root: string; source: string[] } {
  const root = temporaryDirectory(t);
  cpSync(join(repository, "examples", "docker-hub-limit"), root, { recursive: true });
  rmSync(join(root, "with-login.yml"));
  return { root, source: ["--source", join(root, "app")] };
}

function run(t: TestContext, root: string, options: readonly string[]) {
  return runChubo(["run", join(root, "anonymous.yml"), ...options, "--state", temporaryDirectory(t), ...nothingLeft]);
}

test("check names the line, fix --remedy login mends the template, and the run succeeds with nothing remaining", async (t) => {
  const { root, source } = copyExample(t);
  const found = await runChubo(["check", root, ...source]);
  assert.equal(found.status, 1);
  assert.match(found.stdout, /^app\/Dockerfile:1:6 error CHUBO001$/m);
  assert.equal((await run(t, root, source)).status, 1);

  const mended = await runChubo(["fix", root, ...source, "--remedy", "login"]);
  assert.equal(mended.status, 0, mended.stderr);
  assert.equal((await runChubo(["check", root, ...source])).status, 0);
  const before = readFileSync(join(root, "anonymous.yml"), "utf8");
  assert.equal((await runChubo(["fix", root, ...source, "--remedy", "login"])).stdout, "nothing to mend\n");
  assert.equal(readFileSync(join(root, "anonymous.yml"), "utf8"), before);

  const outcome = await run(t, root, [...source, ...alice, ...parameters]);
  assert.equal(outcome.status, 0, outcome.stderr);
  for (const pull of resultOf(outcome).pulls) assert.equal(pull.as, "alice");
});

test("fix --remedy ecr-public mends the Dockerfile, and Docker Hub is not asked at all", async (t) => {
  const { root, source } = copyExample(t);
  const dry = await runChubo(["fix", root, ...source, "--remedy", "ecr-public", "--dry-run"]);
  assert.match(dry.stdout, /^\+FROM public\.ecr\.aws\/docker\/library\/httpd:2\.4$/m);
  assert.match(readFileSync(join(root, "app/Dockerfile"), "utf8"), /^FROM httpd:2\.4$/m);
  assert.equal((await runChubo(["fix", root, ...source, "--remedy", "ecr-public"])).status, 0);
  const outcome = await run(t, root, source);
  assert.equal(outcome.status, 0, outcome.stderr);
  for (const pull of resultOf(outcome).pulls) assert.equal(pull.registry, "public.ecr.aws");
});

test("fix --remedy pull-through-cache takes Docker Hub's images from ECR, which pulls them as the account and keeps them", async (t) => {
  const { root, source } = copyExample(t);
  assert.equal((await run(t, root, source)).status, 1);
  const mended = await runChubo(["fix", root, ...source, "--remedy", "pull-through-cache"]);
  assert.equal(mended.status, 0, mended.stderr);
  assert.equal((await runChubo(["check", root, ...source])).status, 0);
  assert.equal(
    (await runChubo(["fix", root, ...source, "--remedy", "pull-through-cache"])).stdout,
    "nothing to mend\n",
  );

  const credentials = (token: string) => [
    ...["--parameter", "DockerHubCacheUserName=alice", "--parameter", `DockerHubCacheAccessToken=${token}`],
  ];
  const outcome = await run(t, root, [...source, ...alice, ...credentials("correct-horse")]);
  assert.equal(outcome.status, 0, outcome.stderr);
  const { pulls, images, iam } = resultOf(outcome);
  assert.ok(pulls.length > 0);
  for (const pull of pulls) assert.equal(pull.as, "alice");
  assert.equal(images.length, 1, "what ECR takes in is no push");
  assert.deepEqual(iam.denied, []);

  const refused = await run(t, root, [...source, ...alice, ...credentials("wrong")]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /The authentication to the upstream registry failed/);

  const template = join(root, "anonymous.yml");
  writeFileSync(template, readFileSync(template, "utf8").replace(/^ +- ecr:CreateRepository\n/m, ""));
  const denied = await run(t, root, [...source, ...alice, ...credentials("correct-horse")]);
  assert.equal(denied.status, 1);
  assert.match(denied.stderr, /repository with name 'docker-hub\/library\/httpd' does not exist/);
  assert.deepEqual(
    resultOf(denied).iam.denied.map(({ action }) => action),
    ["ecr:CreateRepository"],
  );
});

const cacheParameters = [
  ...["--parameter", "DockerHubCacheUserName=alice", "--parameter", "DockerHubCacheAccessToken=correct-horse"],
];

for (const [remedy, own] of [
  ["login", parameters],
  ["pull-through-cache", cacheParameters],
] as const) {
  test(`fix --remedy ${remedy} mends a template in JSON, whose buildspec is JSON in a string`, async (t) => {
    const root = temporaryDirectory(t);
    const template = writeOneProject(root, { commands: ["docker pull httpd:2.4"], privileged: true });
    const runIt = (options: readonly string[]) =>
      runChubo(["run", template, ...options, "--state", temporaryDirectory(t), ...nothingLeft], { directory: root });
    const before = await runIt([]);
    assert.equal(before.status, 1);
    assert.match(before.stderr, /toomanyrequests/);
    assert.equal((await runChubo(["fix", root, "--remedy", remedy])).status, 0);
    JSON.parse(readFileSync(template, "utf8"));
    assert.equal((await runChubo(["fix", root, "--remedy", remedy])).stdout, "nothing to mend\n");
    const outcome = await runIt([...alice, ...own]);
    assert.equal(outcome.status, 0, outcome.stderr);
    for (const pull of resultOf(outcome).pulls) assert.equal(pull.as, "alice");
  });
}

const inputs = join(repository, "..", "shared", "inputs");

/** The article's template as it would be without the remedy that the article is about. */
function withoutLogin(template: string): string {
  const blocks = template
    .replaceAll(/^ {2}DockerHub(?:UserName|Password):.*\n(?: {4}.*\n)+/gm, "")
    .replace(/^ {2}DockerHubSecret:\n(?: {4}.*\n)+/m, "");
  const isLogin = /DOCKERHUB_|Docker Hub|secrets-manager:|DockerHubSecret/;
  return blocks
    .split("\n")
    .filter((line) => !isLogin.test(line))
    .join("\n");
}

for (const [remedy, own] of [
  ["login", parameters],
  ["pull-through-cache", cacheParameters],
] as const) {
  test(`the published article's template, less its login, passes again after fix --remedy ${remedy}`, {
    skip: existsSync(inputs) ? false : "the article's template is not beside the repository",
  }, async (t) => {
    const root = temporaryDirectory(t);
    cpSync(join(inputs, "app"), join(root, "app"), { recursive: true });
    const template = join(root, "anonymous.yml");
    writeFileSync(template, withoutLogin(readFileSync(join(inputs, "article-template.yml"), "utf8")));
    const source = ["--source", join(root, "app")];
    const runArticle = (options: readonly string[]) => {
      const templates = [join(inputs, "surroundings.yml"), template];
      const own = ["--parameter", "PJPrefix=demo", "--state", temporaryDirectory(t)];
      return runChubo(["run", ...templates, ...source, ...own, ...nothingLeft, ...options]);
    };
    const before = await runArticle([]);
    assert.equal(before.status, 1, before.stderr);
    assert.match(before.stderr, /toomanyrequests/);
    assert.equal((await runChubo(["fix", root, ...source, "--remedy", remedy])).status, 0);
    const outcome = await runArticle([...alice, ...own]);
    assert.equal(outcome.status, 0, outcome.stderr);
    for (const pull of resultOf(outcome).pulls) assert.equal(pull.as, "alice");
  });
}
