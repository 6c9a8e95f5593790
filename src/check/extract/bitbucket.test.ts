import assert from "node:assert/strict";
import { test } from "node:test";
import { readChecked } from "../../../test/contracts/read-checked.ts";
import { bitbucketPipelines } from "./bitbucket.ts";

test("each step of a Bitbucket pipeline is a job with its image, its services and its script", () => {
  const text = `image: {name: "node:20", username: u, password: $P}
definitions:
  services: {db: {image: "postgres:16"}}
  steps:
    - step: &test {name: test, image: "python:3", services: [db, docker], script: [docker pull a:1]}
pipelines:
  default:
    - step: {name: build, script: ["docker build -t x .", docker run x], after-script: [docker pull c:1]}
    - parallel:
        steps: [{step: *test}]
  branches:
    main:
      - stage:
          steps:
            - step:
                name: pipe
                runs-on: [self.hosted, linux]
                image: "ruby:3"
                script: [{pipe: "docker://acme/pipe:1"}, {pipe: "atlassian/ssh-run:1"}]
`;
  const { jobs, images } = readChecked(bitbucketPipelines, "bitbucket-pipelines.yml", text);
  assert.deepEqual(jobs, {
    build: ["node:20 with login", "docker build .", "pull c:1"],
    test: ["python:3", "postgres:16", "pull a:1"],
    pipe: ["self-hosted", "ruby:3", "pull acme/pipe:1"],
  });
  assert.equal(images.length, 7);
});
