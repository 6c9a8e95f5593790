import assert from "node:assert/strict";
import { test } from "node:test";
import { buildspecOf, repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";
import type { Repository } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { applyRemedy } from "./apply-remedy.ts";
import { logIn } from "./log-in.ts";
import type { Remedy } from "./remedy.ts";
import { useEcrPublic } from "./use-ecr-public.ts";

function textsAfter(
  repository: ReadRepository,
  remedy: (repository: ReadRepository) => Remedy,
): Record<string, string> {
  const { edited } = applyRemedy(repository, remedy(repository));
  return Object.fromEntries(edited.map(({ file, text }) => [file.path, text]));
}

function isAnonymous({ pulls }: Repository): boolean {
  return pulls.some(({ source, as }) => source === "docker-hub" && as.kind === "anonymous");
}

test("an official image is taken from ECR Public, wherever its name is decided, and all else stays as it is", (t) => {
  const dockerfile =
    "\ufeffARG BASE=python:3.12-slim # ours\r\nFROM $BASE\r\nCOPY --link --from=docker.io/library/nginx:1 /a /b\r\n";
  const compose = 'services:\n  a: {image: "redis"} # kept\n';
  const after = textsAfter(repositoryOf(t, { Dockerfile: dockerfile, "compose.yml": compose }), useEcrPublic);
  assert.deepEqual(after, {
    Dockerfile: dockerfile
      .replace("python:", "public.ecr.aws/docker/library/python:")
      .replace("docker.io/library/nginx", "public.ecr.aws/docker/library/nginx"),
    "compose.yml": compose.replace("redis", "public.ecr.aws/docker/library/redis"),
  });
  assert.deepEqual(textsAfter(repositoryOf(t, after), useEcrPublic), {});
});

test("a port that is a variable is no tag: what stands before it is no image of Docker Hub's", (t) => {
  const workflow = (image: string) =>
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    container: ${image}\n    steps: []\n`;
  const files = { ".github/workflows/a.yml": workflow(`localhost:\${{ env.PORT }}/x:1`) };
  assert.deepEqual(textsAfter(repositoryOf(t, files), useEcrPublic), {});
});

test("an image that is not official is left, with what to do", (t) => {
  const { edits, left } = useEcrPublic(repositoryOf(t, { Dockerfile: "FROM grafana/grafana:11\n" }));
  assert.deepEqual(edits, []);
  assert.match(left[0]?.message ?? "", /^grafana\/grafana:11: no official image/);
});

test("a project logs in after the remedy: secret, permission, variables and command; a second time changes nothing", (t) => {
  const template = templateOf(["docker build ."]);
  const files = { "template.yml": template, Dockerfile: "FROM httpd:2.4\n" };
  const before = repositoryOf(t, files);
  assert.deepEqual(logIn(before).left, []);
  const mended = { ...files, ...textsAfter(before, logIn) };
  const kept = template.split("\n").filter((line) => !mended["template.yml"].split("\n").includes(line));
  assert.deepEqual(kept, [], "each line of before is there");
  const repository = repositoryOf(t, mended);
  assert.equal(isAnonymous(repository), false);
  assert.deepEqual(logIn(repository), { edits: [], left: [], groups: [] });
  assert.match(mended["template.yml"], /NoEcho: true/);
  assert.match(mended["template.yml"], /Resource: !Ref DockerHubLogin/);
});

test("two projects of one template share the secret", (t) => {
  const one = templateOf(["docker pull httpd:2.4"]);
  const second = one.slice(one.indexOf("  Build:")).replace("  Build:", "  Second:");
  const mended = textsAfter(repositoryOf(t, { "template.yml": one + second }), logIn);
  assert.equal(mended["template.yml"]?.match(/AWS::SecretsManager::Secret/g)?.length, 1);
  assert.equal(isAnonymous(repositoryOf(t, mended)), false);
});

test("a secret that is there already: in the template by the least of permissions, in a buildspec by itself", (t) => {
  const logInBySecret = (repository: ReadRepository) => logIn(repository, { secretName: "ci/docker-hub" });
  const template = { "template.yml": templateOf(["docker pull httpd"]) };
  const inTemplate = textsAfter(repositoryOf(t, template), logInBySecret);
  assert.match(inTemplate["template.yml"] ?? "", /secret:ci\/docker-hub-\?{6}$/m);
  assert.doesNotMatch(inTemplate["template.yml"] ?? "", /AWS::SecretsManager::Secret/);
  const alone = { "buildspec.yml": buildspecOf("docker pull httpd") };
  const { left } = logIn(repositoryOf(t, alone));
  assert.match(left[0]?.message ?? "", /name a secret/);
  const mended = textsAfter(repositoryOf(t, alone), logInBySecret);
  assert.match(
    mended["buildspec.yml"] ?? "",
    /^env:\n {2}secrets-manager:\n {4}DOCKERHUB_USERNAME: ci\/docker-hub:username$/m,
  );
  assert.equal(isAnonymous(repositoryOf(t, mended)), false);
});

test("what cannot be mended as a whole is left as it is, with the command to add", (t) => {
  const template = templateOf(["docker pull httpd"]).replace("ServiceRole: !GetAtt Role.Arn", "ServiceRole: build");
  const { edits, left } = logIn(repositoryOf(t, { "template.yml": template }));
  assert.deepEqual(edits, []);
  assert.match(left[0]?.message ?? "", /its role is not in the template/);
  assert.match(left[0]?.snippet ?? "", /--password-stdin/);
});

test("commands that are no list are left as they are", (t) => {
  const buildspec = `version: 0.2
phases:
  pre_build:
    commands: echo before
  build:
    commands: [docker pull httpd]
`;
  const { edits, left } = logIn(repositoryOf(t, { "buildspec.yml": buildspec }), { secretName: "hub" });
  assert.deepEqual(edits, []);
  assert.match(left[0]?.message ?? "", /the commands of pre_build are no list/);
});

test("a default that two images are made of in different ways is left", (t) => {
  const text = "ARG BASE=python\nFROM $BASE:3\nFROM docker.io/library/$BASE:3.12\n";
  const { edits, left } = useEcrPublic(repositoryOf(t, { Dockerfile: text }));
  assert.deepEqual(edits, []);
  assert.ok(left.length > 0);
});

test("an image of which only the tag is open moves too", (t) => {
  const after = textsAfter(repositoryOf(t, { Dockerfile: "ARG TAG\nFROM python:$TAG\n" }), useEcrPublic);
  assert.equal(after.Dockerfile, "ARG TAG\nFROM public.ecr.aws/docker/library/python:$TAG\n");
});

test("a buildspec that pulls in a script logs in before it calls it", (t) => {
  const files = { "buildspec.yml": buildspecOf("./build.sh"), "build.sh": "docker pull httpd:2.4\n" };
  const mended = { ...files, ...textsAfter(repositoryOf(t, files), (one) => logIn(one, { secretName: "hub" })) };
  assert.notEqual(mended["buildspec.yml"], files["buildspec.yml"]);
  assert.equal(isAnonymous(repositoryOf(t, mended)), false);
});

test("a chart's registry and repository move together", (t) => {
  const text = "image:\n  registry: docker.io\n  repository: library/redis\n  tag: '7.4'\n";
  const after = textsAfter(repositoryOf(t, { "chart/values.yaml": text }), useEcrPublic);
  assert.deepEqual(after, {
    "chart/values.yaml": text.replace("docker.io", "public.ecr.aws").replace("library/redis", "docker/library/redis"),
  });
});
