import assert from "node:assert/strict";
import { test } from "node:test";
import { readChecked } from "../../../test/contracts/read-checked.ts";
import { circleCi } from "./circleci.ts";

const read = (text: string) => readChecked(circleCi, ".circleci/config.yml", text);

test("a CircleCI job pulls the images of its own or its executor, with the login that each of them has", () => {
  const { jobs, images } = read(`version: 2.1
parameters: {db: {type: string, default: "postgres:16"}}
executors:
  node:
    parameters: {tag: {type: string, default: "20"}}
    docker: [{image: "cimg/node:<< parameters.tag >>"}]
  unused: {docker: [{image: "ruby:3"}]}
jobs:
  own:
    docker:
      - image: cimg/base:2024
        auth: {username: u, password: $P}
      - image: << pipeline.parameters.db >>
  shared: {executor: node, steps: []}
  tagged: {executor: {name: node, tag: "22"}, steps: []}
  virtual: {machine: {image: "ubuntu-2204:current"}, resource_class: me/big, steps: []}
`);
  assert.deepEqual(jobs, {
    own: ["cimg/base:2024 with login", "postgres:16"],
    shared: ["cimg/node:20"],
    tagged: ["cimg/node:22"],
    virtual: ["self-hosted"],
  });
  assert.ok(images.includes("docker.image ruby:3"));
  assert.ok(images.includes("docker.image ~cimg/node:20"));
});

test("a CircleCI job runs its commands' steps, with their parameters put in", () => {
  const { jobs } = read(`commands:
  pull:
    parameters: {image: {type: string}, other: {type: string, default: "d:1"}}
    steps: [{run: "docker pull << parameters.image >>"}, {run: "docker pull << parameters.other >>"}]
  loop: {steps: [loop]}
jobs:
  a:
    machine: true
    environment: {E: "e:1"}
    steps:
      - setup_remote_docker
      - run: {command: "docker pull $E; docker build .", working_directory: app}
      - pull: {image: "a:1"}
      - when: {condition: x, steps: [{run: "docker pull b:1"}]}
      - run: docker pull x/y:<< pipeline.number >>
      - loop
`);
  assert.deepEqual(jobs.a, [
    "pull e:1",
    "docker build app",
    "pull a:1",
    "pull d:1",
    "pull b:1",
    "pull x/y:<< pipeline.number >> of docker.io",
  ]);
});
