// biome-ignore-all lint/suspicious/noTemplateCurlyInString: configurations are written so.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readChecked } from "../../../../test/contracts/read-checked.ts";
import { gitLabCi } from "./gitlab-ci.ts";

const read = (text: string, path = ".gitlab-ci.yml") => readChecked(gitLabCi, path, text);

describe("a GitLab configuration", () => {
  test("gives each job the image of the nearest level that has one", () => {
    const { jobs, images } = read(`default: {image: "ruby:3", services: ["redis:7"]}
.base: {image: {name: "node:20", docker: {platform: linux/arm64}}}
.more: {extends: .base, services: []}
plain: {script: x}
own: {image: "python:3", script: x, services: [{name: "postgres:16", alias: db}]}
extended: {extends: [.more], script: x}
alone: {inherit: {default: false}, script: x}
downstream: {trigger: other/project}
`);
    assert.deepEqual(jobs, {
      plain: ["ruby:3", "redis:7"],
      own: ["python:3", "postgres:16"],
      extended: ["node:20"],
      alone: [],
      downstream: [],
    });
    assert.equal(images.length, 5);
  });

  test("puts its own variables in, and is changed where they are set", () => {
    const { images, jobs } = read(`variables: {NODE: "node:\${V}", V: "20", WHOLE: {value: "redis:7", description: d}}
a: {image: $NODE, script: x}
b: {image: "alpine:$V", script: x}
c: {image: $WHOLE, script: x, variables: {V: "22"}}
d: {image: "$NODE", script: x, variables: {V: "22"}}
e: {image: "$FROM_OUTSIDE", script: x}
f: {image: "$LOOP", script: x, variables: {LOOP: $LOOP}}
`);
    assert.deepEqual(images, [
      "image ~node:20",
      "image ~alpine:20",
      "image redis:7",
      "image ~node:22",
      "image -$FROM_OUTSIDE of ?",
      "image -$LOOP of ?",
    ]);
    assert.deepEqual(jobs.d, ["node:22"]);
  });

  test("does not take its own registry and the dependency proxy for Docker Hub", () => {
    const { jobs } = read(`a:
  image: $CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/alpine:3
  services: ["$CI_REGISTRY_IMAGE/db:1"]
  script: ["docker pull $CI_REGISTRY_IMAGE:latest", "docker pull \${CI_DEPENDENCY_PROXY_SERVER}/x"]
`);
    assert.deepEqual(jobs.a, [
      "$CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/alpine:3 of *",
      "$CI_REGISTRY_IMAGE/db:1 of *",
      "pull $CI_REGISTRY_IMAGE:latest of *",
      "pull ${CI_DEPENDENCY_PROXY_SERVER}/x of *",
    ]);
  });

  test("pulls as an account where the runner is given credentials", () => {
    const { jobs } = read("variables: {DOCKER_AUTH_CONFIG: '{}'}\na: {image: a:1, script: x}\n");
    assert.deepEqual(jobs.a, ["a:1 with login"]);
  });

  test("follows references to other jobs, and anchors", () => {
    const { jobs } = read(`.login: &login
  - docker login -u $U -p $P
.parts: {services: ["redis:7", "mysql:8"], image: "ruby:3"}
.pull: {script: ["docker pull b:1"]}
a:
  image: {name: !reference [.parts, image]}
  services: [!reference [.parts, services, 1]]
  before_script: [*login]
  script: ["docker build -t b:1 .", !reference [.pull, script]]
  after_script: [docker pull c:1]
loop: {script: !reference [loop, script]}
`);
    assert.deepEqual(jobs.a, [
      "ruby:3",
      "mysql:8",
      "login Docker Hub as $U by argument $P",
      "docker build .",
      "pull b:1",
      "pull c:1",
    ]);
    assert.deepEqual(jobs.loop, []);
  });

  test("tells one's own runners from GitLab's by their tags", () => {
    const { jobs } = read("a: {tags: [mine], script: x}\nb: {tags: [saas-linux-small-amd64], script: x}\n");
    assert.deepEqual(jobs, { a: ["self-hosted"], b: [] });
  });

  test("of defaults and templates for others to include is read too", () => {
    assert.deepEqual(read("default: {image: a:1}\n", "ci/base.gitlab-ci.yml").images, ["image a:1"]);
    assert.deepEqual(read(".t: {image: b:1, script: x}\n", ".gitlab/ci/t.yml").images, ["image b:1"]);
  });
});
