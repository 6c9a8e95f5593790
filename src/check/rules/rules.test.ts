import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { buildspecOf, repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";
import { rules } from "./rules.ts";

const login = "echo $PASS | docker login -u alice --password-stdin";

/** `CODE text`, where `text` is what stands at the finding's place, the notes on tags left out. */
function findIn(t: TestContext, files: Record<string, string>, { withTags = false } = {}): string[] {
  const repository = repositoryOf(t, files);
  return rules
    .flatMap((rule) => rule.find(repository))
    .filter(({ code }) => withTags || code !== "CHUBO011")
    .map(({ code, file, range }) => `${code} ${file.text.slice(range.start, range.end)}`);
}

test("an anonymous pull in CodeBuild is told at the line of the Dockerfile that names it", (t) => {
  const files = { "buildspec.yml": buildspecOf("docker build ."), Dockerfile: "FROM httpd:2.4\n" };
  assert.deepEqual(findIn(t, files), ["CHUBO001 httpd:2.4"]);
});

test("a pull after a login is none of these, nor one from another registry", (t) => {
  const commands = [login, "docker build .", "docker pull public.ecr.aws/docker/library/nginx:1"];
  const files = { "buildspec.yml": buildspecOf(...commands), Dockerfile: "FROM httpd:2.4\n" };
  assert.deepEqual(findIn(t, files), []);
});

test("a login that Docker does not look for, and one that comes too late, are told in the place of the anonymous pull", (t) => {
  const wrong = "echo $PASS | docker login -u alice --password-stdin registry-1.docker.io";
  assert.deepEqual(findIn(t, { "buildspec.yml": buildspecOf(wrong, "docker pull httpd:2.4") }), ["CHUBO002 httpd:2.4"]);
  assert.deepEqual(findIn(t, { "buildspec.yml": buildspecOf("docker pull httpd:2.4", login) }), ["CHUBO003 httpd:2.4"]);
});

test("an e-mail as user name, a password as argument, and a login whose failure goes unnoticed", (t) => {
  const commands = ["docker login -u a@b.example -p $PASS || true"];
  const codes = findIn(t, { "buildspec.yml": buildspecOf(...commands) }).map((found) => found.slice(0, 8));
  assert.deepEqual(codes, ["CHUBO004", "CHUBO005", "CHUBO018"]);
});

test("a secret that the role may not read, and a role that may read them all", (t) => {
  const secret = `        Image: aws/codebuild/standard:7.0
        PrivilegedMode: true
        EnvironmentVariables:
          - { Name: PASS, Type: SECRETS_MANAGER, Value: "docker-hub:password" }`;
  const closed = templateOf([login, "docker pull httpd:2.4"], { environment: secret });
  assert.deepEqual(
    findIn(t, { "template.yml": closed }).map((found) => found.slice(0, 8)),
    ["CHUBO006"],
  );
  const statements = `              - Effect: Allow
                Action: secretsmanager:GetSecretValue
                Resource: '*'`;
  const open = templateOf([login, "docker pull httpd:2.4"], { environment: secret, statements });
  assert.deepEqual(findIn(t, { "template.yml": open }), ["CHUBO007 '*'"]);
});

test("a build of an image in a project without privileged mode", (t) => {
  const environment = "        Image: aws/codebuild/standard:7.0\n        PrivilegedMode: false";
  const files = {
    "template.yml": templateOf([login, "docker build -t x ."], { environment }),
    Dockerfile: "FROM scratch\n",
  };
  assert.deepEqual(findIn(t, files), ["CHUBO008 docker build -t x ."]);
});

test("the image of # syntax= is a pull of its own", (t) => {
  const files = {
    "buildspec.yml": buildspecOf(login, "docker build ."),
    Dockerfile: "# syntax=docker/dockerfile:1\nFROM httpd:2.4\n",
  };
  assert.deepEqual(findIn(t, files), ["CHUBO009 docker/dockerfile:1"]);
});

test("a pull that a loop tries again", (t) => {
  const found = findIn(t, { "buildspec.yml": buildspecOf("until docker pull httpd:2.4; do sleep 1; done") });
  assert.deepEqual(found.map((one) => one.slice(0, 8)).sort(), ["CHUBO001", "CHUBO010"]);
});

test("an image without a tag, unless a digest pins it", (t) => {
  const pinned = `nginx@sha256:${"0".repeat(64)}`;
  const files = { Dockerfile: `FROM httpd\nFROM ${pinned}\n` };
  assert.deepEqual(
    findIn(t, files, { withTags: true }).filter((found) => found.startsWith("CHUBO011")),
    ["CHUBO011 httpd"],
  );
});

test("behind a pull-through cache: a digest, and an official image without library/", (t) => {
  const host = "123456789012.dkr.ecr.us-east-1.amazonaws.com/docker-hub";
  const rule = `Resources:
  Rule:
    Type: AWS::ECR::PullThroughCacheRule
    Properties:
      EcrRepositoryPrefix: docker-hub
      UpstreamRegistryUrl: registry-1.docker.io
`;
  const byDigest = `${host}/library/httpd@sha256:${"0".repeat(64)}`;
  const files = {
    "template.yml": rule,
    Dockerfile: `FROM ${host}/httpd:2.4\nFROM ${byDigest}\nFROM ${host}/library/httpd:2.4\n`,
  };
  assert.deepEqual(findIn(t, files), [`CHUBO012 ${byDigest}`, `CHUBO013 ${host}/httpd:2.4`]);
});

test("a build's environment from Docker Hub: without a credential, and with one that is not used", (t) => {
  const image = "        Image: alpine:3.20";
  assert.deepEqual(findIn(t, { "template.yml": templateOf(["true"], { environment: image }) }), [
    "CHUBO016 alpine:3.20",
  ]);
  const environment = `${image}
        RegistryCredential: { Credential: hub, CredentialProvider: SECRETS_MANAGER }`;
  const found = findIn(t, { "template.yml": templateOf(["true"], { environment }) });
  assert.ok(
    found.some((one) => one.startsWith("CHUBO015")),
    String(found),
  );
});

test("a name of CodeBuild's own images where Docker reads it", (t) => {
  const files = {
    "buildspec.yml": buildspecOf(login, "docker build ."),
    Dockerfile: "FROM aws/codebuild/standard:7.0\n",
    "template.yml": templateOf(["true"]),
  };
  assert.deepEqual(findIn(t, files), ["CHUBO014 aws/codebuild/standard:7.0"]);
});

test("elsewhere it is a warning or a note, told once for each place", (t) => {
  const workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    container: httpd:2.4\n    steps: []\n";
  const repository = repositoryOf(t, {
    ".github/workflows/a.yml": workflow,
    "compose.yml": "services:\n  a:\n    image: nginx:1\n",
  });
  const found = rules.flatMap((rule) => rule.find(repository)).map(({ code, level }) => `${code} ${level}`);
  assert.deepEqual(found.sort(), ["CHUBO017 note", "CHUBO017 warning"]);
});

test("a Dockerfile that several jobs build is told once, with the step of each", (t) => {
  const repository = repositoryOf(t, {
    "a/buildspec.yml": buildspecOf("docker build --build-arg A=1 ."),
    "b/buildspec.yml": buildspecOf("docker build ."),
    Dockerfile: "FROM httpd:2.4\n",
  });
  const [finding, ...others] = rules.flatMap((rule) => rule.find(repository));
  assert.deepEqual(others, []);
  const places = finding?.related?.map(({ file, range }) => `${file.path} ${file.text.slice(range.start, range.end)}`);
  assert.deepEqual(places, ["a/buildspec.yml docker build --build-arg A=1 .", "b/buildspec.yml docker build ."]);
});

test("one place that names several images is told for each", (t) => {
  const loop = "for image in httpd:2.4 nginx:1; do docker pull $image; done";
  assert.equal(findIn(t, { "buildspec.yml": buildspecOf(loop) }).length, 2);
});

test("a secret without permission is told in the file that names it", (t) => {
  const environment = `        Image: aws/codebuild/standard:7.0
        PrivilegedMode: true
        EnvironmentVariables:
          - { Name: PASS, Type: SECRETS_MANAGER, Value: "project:password" }`;
  const template = templateOf([], { environment }).replace(/BuildSpec: \|[\s\S]*$/, "BuildSpec: build.yml\n");
  const secrets = "env:\n  secrets-manager:\n    USER: buildspec:username\n";
  const buildspec = buildspecOf("true").replace("phases:", `${secrets}phases:`);
  const repository = repositoryOf(t, { "template.yml": template, "build.yml": buildspec });
  const found = rules
    .flatMap((rule) => rule.find(repository))
    .filter(({ code }) => code === "CHUBO006")
    .map(({ file, range }) => `${file.path} ${file.text.slice(range.start, range.end)}`);
  assert.equal(found.length, 2);
  assert.ok(
    found.some((one) => one.startsWith("template.yml ") && one.includes("project:password")),
    String(found),
  );
  assert.ok(
    found.some((one) => one.startsWith("build.yml ") && one.includes("buildspec:username")),
    String(found),
  );
});

test("privileged mode is missed by what a called script builds, and not with an image that brings a daemon", (t) => {
  const findWith = (image: string) => {
    const environment = `        Image: ${image}\n        PrivilegedMode: false`;
    return findIn(t, {
      "template.yml": templateOf([login, "./build.sh"], { environment }),
      "build.sh": "docker build -t x .\n",
      Dockerfile: "FROM scratch\n",
    });
  };
  assert.deepEqual(findWith("aws/codebuild/standard:7.0"), ["CHUBO008 docker build -t x ."]);
  assert.deepEqual(findWith("aws/codebuild/docker:17.09.0"), []);
});

test("a retry is told where it is Docker Hub's image, in a called script too", (t) => {
  const retry = (image: string) => `until docker pull ${image}; do sleep 1; done`;
  const codesOf = (files: Record<string, string>) => findIn(t, files).map((found) => found.slice(0, 8));
  const elsewhere = { "buildspec.yml": buildspecOf("docker pull httpd:2.4", retry("ghcr.io/acme/web:1")) };
  assert.deepEqual(codesOf(elsewhere), ["CHUBO001"]);
  const called = { "buildspec.yml": buildspecOf("./pull.sh"), "pull.sh": `${retry("httpd:2.4")}\n` };
  assert.deepEqual(codesOf(called), ["CHUBO001", "CHUBO010"]);
});

test("a pull-through cache's prefix may have several parts, or none", (t) => {
  const host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
  const findBehind = (prefix: string, ...names: string[]) =>
    findIn(t, {
      "template.yml": `Resources:
  Rule:
    Type: AWS::ECR::PullThroughCacheRule
    Properties:
      EcrRepositoryPrefix: ${prefix}
      UpstreamRegistryUrl: registry-1.docker.io
`,
      Dockerfile: names.map((name) => `FROM ${host}/${name}:1\n`).join(""),
    });
  assert.deepEqual(findBehind("team/hub", "team/hub/httpd", "team/hub/acme/web"), [
    `CHUBO013 ${host}/team/hub/httpd:1`,
  ]);
  assert.deepEqual(findBehind("ROOT", "httpd", "library/httpd"), [`CHUBO013 ${host}/httpd:1`]);
});

test("codes are in order, and each is given once", () => {
  const codes = rules.map(({ code }) => code);
  assert.deepEqual(codes, [...new Set(codes)].sort());
});
