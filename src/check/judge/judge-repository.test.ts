import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { buildspecOf, repositoryOf, templateOf } from "../../../test/fixtures/check-repository.ts";

/** Each pull as `reference, as whom, by whom, from where`. */
function judge(t: TestContext, files: Record<string, string>, source?: string): string[] {
  return repositoryOf(t, files, source).pulls.map(({ image, source: from, as, job, egress }) => {
    const whose = as.kind === "anonymous" ? `anonymous (${as.because})` : as.kind;
    return [image.written, from, whose, job?.job.name ?? "nobody", egress].join(", ");
  });
}

const login = "echo $PASS | docker login -u alice --password-stdin";

test("a Dockerfile's images are pulled by the job that builds it, with its build arguments", (t) => {
  const files = {
    "app/Dockerfile": "ARG BASE=nginx:1\nFROM $BASE\n",
    "buildspec.yml": buildspecOf(login, "docker build --build-arg BASE=httpd:2.4 app"),
  };
  const [pull] = repositoryOf(t, files).pulls;
  assert.equal(pull?.reference?.repository, "library/httpd");
  assert.equal(pull?.as.kind, "account");
  assert.equal(pull?.countedRequests, 2);
});

test("a build argument that is not constant leaves the image open, though the Dockerfile has a default", (t) => {
  const files = {
    "app/Dockerfile": "ARG BASE=nginx:1\nFROM $BASE\n",
    "buildspec.yml": buildspecOf("docker build --build-arg BASE=$(cat base) app"),
  };
  assert.deepEqual(
    repositoryOf(t, files).pulls.map(({ source }) => source),
    ["not-constant"],
  );
});

test("what Skaffold and Tilt build is pulled from nowhere, in the files below theirs", (t) => {
  const pod = (image: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "${image}"}]}\n`;
  const files = {
    "web/skaffold.yaml":
      "apiVersion: skaffold/v4beta11\nkind: Config\nbuild: {artifacts: [{image: mine}, {image: me/mine}]}\n",
    "web/k8s/a.yaml": pod("mine:latest"),
    "web/k8s/b.yaml": pod("me/mine"),
    "other/c.yaml": pod("mine"),
    "api/Tiltfile": "docker_build('base', 'base')\ndocker_build('api', 'api')\n",
    "api/api/Dockerfile": "FROM base\n",
    "api/base/Dockerfile": "FROM httpd:2.4\n",
  };
  assert.deepEqual(
    repositoryOf(t, files)
      .pulls.map(({ file, image }) => `${file.path} ${image.written}`)
      .sort(),
    ["api/base/Dockerfile httpd:2.4", "other/c.yaml mine", "web/k8s/b.yaml me/mine"],
  );
});

test("a project and the buildspec that it names are one job", (t) => {
  const template = templateOf([]).replace(/BuildSpec: \|[\s\S]*$/, "BuildSpec: ci/build.yml\n");
  const files = { "template.yml": template, "ci/build.yml": buildspecOf("docker pull httpd:2.4") };
  assert.deepEqual(judge(t, files), [
    "aws/codebuild/standard:7.0, curated, anonymous (runner-without-credentials), Build, codebuild-shared",
    "httpd:2.4, docker-hub, anonymous (no-login), Build, codebuild-shared",
  ]);
});

test("the source of a template's builds may be another folder", (t) => {
  const files = { "infra/template.yml": templateOf(["docker build ."]), "app/Dockerfile": "FROM httpd:2.4\n" };
  const pullOf = (source?: string) => judge(t, files, source).find((pull) => pull.startsWith("httpd"));
  assert.equal(pullOf(), "httpd:2.4, docker-hub, unknown, nobody, unknown");
  assert.equal(pullOf("app"), "httpd:2.4, docker-hub, anonymous (no-login), Build, codebuild-shared");
});

test("a build in a VPC leaves by that VPC's own addresses", (t) => {
  const environment = `        Image: aws/codebuild/standard:7.0
        PrivilegedMode: true
      VpcConfig: { VpcId: vpc-1, Subnets: [subnet-1], SecurityGroupIds: [sg-1] }`;
  const pulls = judge(t, { "template.yml": templateOf(["docker pull httpd:2.4"], { environment }) });
  assert.equal(pulls.at(-1), "httpd:2.4, docker-hub, anonymous (no-login), Build, own");
});

test("a name of which only the tag is open comes from Docker Hub all the same; a placeholder from nowhere", (t) => {
  const files = {
    Dockerfile: "ARG TAG\nFROM python:$TAG\n",
    "taskdef.json": '{"containerDefinitions":[{"image":"<IMAGE1_NAME>"}]}',
  };
  const sources = repositoryOf(t, files).pulls.map(({ source }) => source);
  assert.deepEqual(
    sources.filter((source) => source !== "not-constant"),
    ["docker-hub"],
  );
});

test("an image with credentials of its own is pulled as an account", (t) => {
  const text =
    '{"containerDefinitions":[{"image":"acme/web:1","repositoryCredentials":{"credentialsParameter":"arn"}}]}';
  assert.deepEqual(judge(t, { "taskdef.json": text }), ["acme/web:1, docker-hub, account, nobody, unknown"]);
});

test("a script that a build calls pulls as the build does, after its login", (t) => {
  const files = {
    "buildspec.yml": buildspecOf("./ci/build.sh", login, "make -C . image", "sh ci/build.sh"),
    "ci/build.sh": "#!/bin/sh\ndocker pull httpd:2.4\n",
    Makefile: "image:\n\tdocker pull nginx:1\n",
  };
  assert.deepEqual(judge(t, files), [
    "httpd:2.4, docker-hub, anonymous (login-later), buildspec.yml, codebuild-shared",
    "nginx:1, docker-hub, account, buildspec.yml, codebuild-shared",
    "httpd:2.4, docker-hub, account, buildspec.yml, codebuild-shared",
  ]);
});

test("scripts that call each other end", (t) => {
  const files = {
    "buildspec.yml": buildspecOf("./a.sh"),
    "a.sh": "docker pull httpd:2.4\n./b.sh\n",
    "b.sh": "./a.sh\n",
  };
  assert.ok(
    judge(t, files).every((pull) => pull.startsWith("httpd:2.4, docker-hub, anonymous (no-login), buildspec.yml")),
  );
});

test("docker compose pulls the services' images, and what the Dockerfiles that it builds start from", (t) => {
  const files = {
    "buildspec.yml": buildspecOf("docker compose up -d"),
    "compose.yml": "services:\n  db:\n    image: postgres:16\n  web:\n    build: ./web\n",
    "web/Dockerfile": "FROM httpd:2.4\n",
  };
  assert.deepEqual(judge(t, files), [
    "postgres:16, docker-hub, anonymous (no-login), buildspec.yml, codebuild-shared",
    "httpd:2.4, docker-hub, anonymous (no-login), buildspec.yml, codebuild-shared",
  ]);
});

test("docker compose build pulls for the services that it names, and no service's image", (t) => {
  const compose = "services:\n  db:\n    image: postgres:16\n  web:\n    build: ./web\n  api:\n    build: ./api\n";
  const files = {
    "buildspec.yml": buildspecOf("docker compose build web"),
    "compose.yml": compose,
    "web/Dockerfile": "FROM httpd:2.4\n",
    "api/Dockerfile": "FROM nginx:1\n",
  };
  assert.deepEqual(judge(t, files).sort(), [
    "httpd:2.4, docker-hub, anonymous (no-login), buildspec.yml, codebuild-shared",
    "nginx:1, docker-hub, unknown, nobody, unknown",
    "postgres:16, docker-hub, unknown, nobody, unknown",
  ]);
});

test("docker buildx bake pulls for the targets that it names, and for all of a group", (t) => {
  const bake = `group "all" { targets = ["web", "api"] }
target "web" { context = "web" }
target "api" { context = "api" }
`;
  const pullsOf = (command: string) =>
    judge(t, {
      "ci/buildspec.yml": buildspecOf(command),
      "docker-bake.hcl": bake,
      "web/Dockerfile": "FROM httpd:2.4\n",
      "api/Dockerfile": "FROM nginx:1\n",
    }).filter((pull) => pull.endsWith("ci/buildspec.yml, codebuild-shared"));
  assert.deepEqual(pullsOf("docker buildx bake web"), [
    "httpd:2.4, docker-hub, anonymous (no-login), ci/buildspec.yml, codebuild-shared",
  ]);
  assert.equal(pullsOf("docker buildx bake all").length, 2);
  assert.equal(pullsOf("docker buildx bake -f docker-bake.hcl").length, 2);
});

test("the buildspec that a project names by its path calls scripts too", (t) => {
  const template = templateOf([]).replace(/BuildSpec: \|[\s\S]*$/, "BuildSpec: ci/build.yml\n");
  const files = {
    "template.yml": template,
    "ci/build.yml": buildspecOf("./ci/pull.sh"),
    "ci/pull.sh": "docker pull httpd:2.4\n",
  };
  assert.equal(judge(t, files).at(-1), "httpd:2.4, docker-hub, anonymous (no-login), Build, codebuild-shared");
});

test("each image of a loop is a pull, and one that a job pulls twice is one", (t) => {
  const commands = [
    "for image in httpd:2.4 nginx:1; do docker pull $image; done",
    "docker build .",
    "docker build . -q",
  ];
  const { pulls } = repositoryOf(t, { "buildspec.yml": buildspecOf(...commands), Dockerfile: "FROM alpine:3.20\n" });
  assert.deepEqual(
    pulls.map(({ reference }) => reference?.repository),
    ["library/httpd", "library/nginx", "library/alpine"],
  );
});

test("scripts that call each other many times are read as far as a build may go", (t) => {
  const calls = (name: string) =>
    `# for docker\n${Array.from({ length: 12 }, (_, index) => `./${name}.sh ${index}\n`).join("")}`;
  const files = {
    "buildspec.yml": buildspecOf("./a.sh"),
    "a.sh": calls("b"),
    "b.sh": calls("c"),
    "c.sh": calls("d"),
    "d.sh": "docker pull httpd:2.4\n",
  };
  const { jobs, pulls } = repositoryOf(t, files);
  const [longest = 0] = jobs.map(({ steps }) => steps.length).sort((a, b) => b - a);
  assert.ok(longest > 100 && longest <= 1_000, String(longest));
  assert.deepEqual(
    pulls.map(({ image, egress }) => `${image.written} ${egress}`),
    ["httpd:2.4 codebuild-shared"],
  );
});

test("a login by the client's file counts under its key, and out of a variable it is not known", (t) => {
  const pullAfter = (content: string) => {
    const commands = `      - |\n        echo ${content} > ~/.docker/config.json\n      - docker pull httpd:2.4\n`;
    const buildspec = `version: 0.2\nphases:\n  build:\n    commands:\n${commands}`;
    return judge(t, { "buildspec.yml": buildspec })[0]?.split(", ")[2];
  };
  const file = (key: string) => `'{"auths":{"${key}":{"auth":"YTpi"}}}'`;
  assert.equal(pullAfter(file("https://index.docker.io/v1/")), "account");
  assert.equal(pullAfter(file("docker.io")), "anonymous (wrong-host)");
  assert.equal(pullAfter('"$AUTH"'), "unknown");
});

test("podman's login serves under any host of the registry", (t) => {
  const commands = ["podman login -u alice --password-stdin index.docker.io < token", "podman pull httpd:2.4"];
  assert.match(judge(t, { "buildspec.yml": buildspecOf(...commands) })[0] ?? "", /, account, /);
});
