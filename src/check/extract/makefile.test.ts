// biome-ignore-all lint/suspicious/noTemplateCurlyInString: recipes are written so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStep } from "../../../test/contracts/describe-steps.ts";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import type { FileReader } from "../extraction.ts";
import { justfileReader } from "./justfile.ts";
import { makefileReader } from "./makefile.ts";
import { shellScriptReader } from "./shell-script.ts";
import { packageScriptsReader, taskfileReader } from "./task-scripts.ts";

/** Each job with its steps. */
function jobs(reader: FileReader, path: string, text: string): Record<string, string[]> {
  assert.ok(reader.isFor({ path, text }));
  checkReaderContract(reader, { path, text });
  return Object.fromEntries(reader.read({ path, text }).jobs.map(({ name, steps }) => [name, steps.map(describeStep)]));
}

const makefile = `IMAGE ?= golang:1.22
REG := docker.io/library
NODE = $(REG)/node:20 # the oldest that works
TAG = $(shell git rev-parse HEAD)

.PHONY: build
login:
	@echo $$PASS | docker login -u $(USER) --password-stdin

build: login
	docker build -t app:$(TAG) \\
	  --build-arg BASE=$(IMAGE) .
	-docker pull $(IMAGE)
	cd sub && docker run --rm -v $(PWD):/x $(NODE) true
	for i in a b; do docker pull $$i; done
	docker build .
test: ; docker run app:$(TAG) && docker run app:other
`;

test("a Makefile's rules are jobs, with the rules that they need before them, and its variables are put in", () => {
  assert.deepEqual(jobs(makefileReader, "Makefile", makefile), {
    "Makefile build": [
      "login Docker Hub as ${USER} by stdin $PASS",
      "docker build .",
      "pull golang:1.22",
      "pull docker.io/library/node:20",
      "pull a",
      "pull b",
      "docker build .",
    ],
    "Makefile test": ["pull app:other"],
  });
});

test("a Makefile's image is written as make writes it, and changed where its variable is set", () => {
  const { images } = makefileReader.read({ path: "Makefile", text: makefile });
  const image = images.find(({ reference }) => reference === "golang:1.22");
  assert.equal(image?.written, "$(IMAGE)");
  assert.deepEqual(image?.variables, ["IMAGE"]);
  assert.equal(image?.edit && makefile.slice(image.edit.range.start, image.edit.range.end), "golang:1.22");
});

test("a justfile's recipes are jobs, line by line or as a script", () => {
  const text = `image := "redis:7"
tag := env_var_or_default("TAG", "v1")

build: test
  docker build -t x .
  docker pull {{image}}
  @docker run foo:{{ tag }} --x={{y}}

test name="x":
  #!/usr/bin/env bash
  set -e
  docker pull a:1
  IMG=b:2
  docker run $IMG
`;
  assert.deepEqual(jobs(justfileReader, "justfile", text), {
    "justfile build": ["pull a:1", "pull b:2", "docker build .", "pull redis:7", "pull foo:v1"],
  });
});

test("a Taskfile's tasks are jobs, in their directories", () => {
  const text = `version: '3'
vars:
  IMG: nginx:1
tasks:
  a:
    deps: [b]
    dir: sub
    cmds:
      - docker pull {{.IMG}}
      - cmd: docker build .
      - task: c
  b: docker pull x:{{.Y}}
  c:
    - docker compose up
`;
  assert.deepEqual(jobs(taskfileReader, "Taskfile.yml", text), {
    "Taskfile.yml a": ["pull x:{{.Y}} of docker.io", "compose up", "pull nginx:1", "docker build sub"],
  });
});

test("the scripts of a package.json are jobs", () => {
  const text = '{"name": "docker", "scripts": {"db": "docker run -d -e \\"A=b\\" postgres:16", "test": "node --test"}}';
  assert.deepEqual(jobs(packageScriptsReader, "web/package.json", text), {
    "web/package.json db": ["pull postgres:16"],
  });
});

test("a script is known by its ending or its first line", () => {
  const isFor = (path: string, text: string) => shellScriptReader.isFor({ path, text });
  assert.ok(isFor("ci/build.sh", ""));
  assert.ok(isFor("ci/build", "#!/usr/bin/env bash\n"));
  assert.ok(isFor("ci/build", "#!/bin/sh -e\n"));
  assert.ok(!isFor("ci/build", "#!/usr/bin/env node\n"));
  assert.deepEqual(jobs(shellScriptReader, "ci/build", "#! /bin/sh\ndocker pull a\n"), { "ci/build": ["pull a"] });
});
