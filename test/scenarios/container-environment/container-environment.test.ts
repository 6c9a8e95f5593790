// Builds in a container of the project's own image, which comes from the simulated Docker Hub.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type OneProject, writeOneProject } from "../one-project.ts";
import { failureOf, type Outcome, repository, resultOf, runChubo, temporaryDirectory } from "../run-chubo.ts";

const image = "httpd:2.4";

function runInContainer(t: TestContext, project: OneProject, options: string[] = []): Promise<Outcome> {
  const directory = temporaryDirectory(t);
  const template = writeOneProject(directory, { image, ...project });
  const words = ["run", template, "--source", join(repository, "docs"), "--state", join(directory, "state")];
  return runChubo([...words, "--environment", "container", "--hub", "simulated", "--json", ...options]);
}

for (const engine of ["docker", "podman"]) {
  test(`with ${engine} the commands run in the project's image, as root, with its files and AWS's paths`, async (t) => {
    const script = 'id -u; pwd; cat "$SSL_CERT_FILE" | grep -c BEGIN; test -d /usr/local/apache2 && echo in-the-image';
    const outcome = await runInContainer(t, { commands: [script] }, ["--engine", engine]);
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stderr, /\n0\n\/codebuild\/output\/src\d{9}\/src\n\d+\nin-the-image\n/);
    assert.match(outcome.stderr, /environment: container of httpd:2\.4/);
    const { pulls } = resultOf(outcome);
    assert.ok(pulls.length > 0 && pulls.every(({ reference }) => reference.startsWith("docker.io/library/httpd")));
  });
}

test("the programs of a fan-out run in an image that has busybox's tools only", async (t) => {
  const search = "codebuild-glob-search '**/err*.md' 'buil?.md'";
  const command = `codebuild-tests-run --test-command 'echo tested' --files-search "${search}" --sharding-strategy stability`;
  const outcome = await runInContainer(t, { commands: [command] }, ["--engine", "docker"]);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, /\ntested build\.md errors\.md\n/);
});

test("a privileged build in an image without a docker client gets this machine's, and pulls through the port", async (t) => {
  const commands = [
    "printf 'FROM busybox\\nRUN echo made >/made\\n' >Dockerfile",
    "DOCKER_BUILDKIT=0 docker build -t classic . && docker run --rm classic cat /made",
    "docker image rm -f classic busybox && DOCKER_BUILDKIT=1 docker build --no-cache -t kit .",
    "docker images --format 'has {{.Repository}}'",
    "echo of-the-source >file && docker run --rm -v $PWD:/mounted busybox sh -c 'cat /mounted/file; echo back >/mounted/answer'",
    "cat answer",
  ];
  const outcome = await runInContainer(t, { commands, privileged: true }, ["--engine", "docker"]);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, /with this machine's docker client, since it has none/);
  assert.match(outcome.stderr, /\nmade\n/);
  assert.match(outcome.stderr, /\nof-the-source\n/);
  assert.match(outcome.stderr, /\nback\n/);
  // The engine that runs the build's container is another one.
  assert.doesNotMatch(outcome.stderr, /^has httpd/m);
  const { pulls } = resultOf(outcome);
  assert.ok(pulls.some(({ reference }) => reference.startsWith("docker.io/library/busybox")));
});

for (const environment of ["container", "auto"]) {
  test(`with --environment ${environment} an image that the limit withholds fails PROVISIONING in AWS's and Docker Hub's words`, async (t) => {
    const options = ["--hub-remaining", "0", "--environment", environment];
    const outcome = await runInContainer(t, { commands: ["echo never"] }, options);
    assert.equal(outcome.status, 1, outcome.stderr);
    assert.match(
      failureOf(resultOf(outcome)) ?? "",
      /^PROVISIONING BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image\..*toomanyrequests/,
    );
  });
}

test("with --environment auto a build whose image is not to be had runs on the host and says why", async (t) => {
  const project = { image: "example/nowhere:1", commands: ["pwd"] };
  const outcome = await runInContainer(t, project, ["--environment", "auto"]);
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(
    outcome.stderr,
    /· environment: host, .*; not in example\/nowhere:1: Unable to pull customer's container image\./,
  );
});

test("a privileged build in a container is refused with podman, which has no daemon to give it", async (t) => {
  const outcome = await runInContainer(t, { commands: ["true"], privileged: true }, ["--engine", "podman"]);
  assert.equal(outcome.status, 2, outcome.stderr);
  assert.match(outcome.stderr, /needs a Docker daemon.*podman.*\[CONTAINERS_ENGINE_MISSING\]/);
  assert.match(outcome.stderr, /--environment host/);
  assert.doesNotMatch(outcome.stderr, /^Stack /m);
});
