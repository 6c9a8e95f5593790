// biome-ignore-all lint/suspicious/noTemplateCurlyInString: commands are written so.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { describeStep } from "../../../test/contracts/describe-steps.ts";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import type { BuildJob } from "../build-job.ts";
import { buildspecReader } from "./buildspec.ts";

function readJob(text: string): BuildJob {
  const file = { path: "buildspec.yml", text };
  checkReaderContract(buildspecReader, file);
  const [job] = buildspecReader.read(file).jobs;
  assert.ok(job);
  return job;
}

function steps(text: string): string[] {
  return readJob(text).steps.map(describeStep);
}

describe("a buildspec", () => {
  test("is known by its name, and by its keys under any other", () => {
    const body = "version: 0.2\nphases: {}\n";
    const isFor = (path: string, text: string) => buildspecReader.isFor({ path, text });
    assert.ok(isFor("ci/buildspec_prod.yaml", ""));
    assert.ok(isFor("x/deploy-buildspec.json", ""));
    assert.ok(isFor("ci/build.yml", body));
    assert.ok(isFor("ci/build.json", '{"version": 0.2, "phases": {}}'));
    assert.ok(!isFor("ci/build.yml", "version: 3\nphases: {}\n"));
    assert.ok(!isFor("docs/buildspec.md", body));
  });

  test("is read in the order of its phases, whatever their order in the file", () => {
    const text = `version: 0.2
phases:
  build:
    commands: [docker build .]
    finally: [docker run b]
  install: {commands: [docker pull a]}
  pre_build:
    commands:
      - echo $P | docker login -u $U --password-stdin
  post_build: {commands: docker push x}
`;
    assert.deepEqual(steps(text), ["pull a", "login Docker Hub as $U by stdin $P", "docker build .", "pull b"]);
  });

  test("carries variables and the directory from command to command, and no functions", () => {
    const text = `version: 0.2
env:
  variables: {IMG: "redis:7", DIR: app}
phases:
  build:
    commands:
      - cd $DIR
      - T=1
      - f() { docker pull f; }
      - docker pull $IMG
      - docker pull x:$T
      - docker build -t y .
      - f
      - cd $CODEBUILD_SRC_DIR/other && docker build -f D .
`;
    assert.deepEqual(steps(text), [
      "pull f",
      "pull redis:7",
      "pull x:1",
      "docker build app",
      "docker build app/other -f app/other/D",
    ]);
  });

  test("of version 0.1 carries nothing over", () => {
    const text =
      "version: 0.1\nphases:\n  build:\n    commands:\n      - cd a\n      - T=1\n      - docker pull x:$T\n      - docker build .\n";
    assert.deepEqual(steps(text), ["pull x:$T of docker.io", "docker build ."]);
  });

  test("tells its secrets, and the place of an image in its variables", () => {
    const text = `version: 0.2
env:
  secrets-manager:
    PASS: hub:password
  variables:
    IMG: 'node:20'
phases:
  build:
    commands:
      - |
        docker run \\
          --rm $IMG
`;
    const { codeBuild, steps: read } = readJob(text);
    assert.deepEqual(
      codeBuild?.secrets.map(({ variable, reference }) => [variable, reference]),
      [["PASS", "hub:password"]],
    );
    const [pull] = read;
    assert.ok(pull?.kind === "pull" && pull.image.edit);
    assert.equal(text.slice(pull.image.edit.range.start, pull.image.edit.range.end), "node:20");
  });

  test("reads each build of a batch with its variables and its image", () => {
    const list = `version: 0.2
batch:
  build-list:
    - identifier: a
      env: {image: "acme/ci:1", variables: {V: "1"}}
    - identifier: b
      env: {image: "aws/codebuild/standard:7.0", variables: {V: "2"}}
    - {identifier: c, buildspec: other.yml}
phases: {build: {commands: ["docker pull x:$V", docker pull y]}}
`;
    assert.deepEqual(steps(list), ["pull x:1", "pull y", "pull x:2"]);
    assert.deepEqual(
      readJob(list).runnerImages.map(({ image }) => image.reference),
      ["acme/ci:1", "aws/codebuild/standard:7.0"],
    );
    const matrix = `version: 0.2
batch: {build-matrix: {dynamic: {env: {variables: {A: [a, b], B: ["1", "2"]}}}}}
phases: {build: {commands: ["docker pull $A:$B"]}}
`;
    assert.deepEqual(steps(matrix), ["pull a:1", "pull a:2", "pull b:1", "pull b:2"]);
  });

  test("in JSON has its places", () => {
    assert.deepEqual(
      steps('{"version": 0.2, "phases": {"build": {"commands": ["echo \\"x\\" && docker pull nginx:1"]}}}'),
      ["pull nginx:1"],
    );
  });

  test("with escapes of the file inside of an image's name says where the name begins", () => {
    const text = 'version: 0.2\nphases: {build: {commands: ["docker pull x/y:\\"1\\""]}}\n';
    const [image] = buildspecReader.read({ path: "buildspec.yml", text }).images;
    assert.equal(image?.reference, "x/y:1");
    assert.equal(image.written, "x/y:");
    assert.equal(text.slice(image.range.start, image.range.end), "x/y:");
  });

  test("with a command that YAML takes for a mapping, and one that is nothing, is read on", () => {
    const text =
      'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "a: b" && docker pull x\n      -\n      - docker pull y\n';
    assert.deepEqual(steps(text), ["pull x", "pull y"]);
  });

  test("that is no YAML is a note", () => {
    const { jobs, notes } = buildspecReader.read({ path: "buildspec.yml", text: "phases: [\n" });
    assert.deepEqual(jobs, []);
    assert.match(notes[0]?.message ?? "", /^not well-formed YAML/);
  });
});

const corpus = join(import.meta.dirname, "../../../../shared/corpus");

test("buildspecs of the world keep the readers' contract", { skip: !existsSync(corpus) }, () => {
  const rows = readFileSync(join(corpus, "INDEX.tsv"), "utf8")
    .split("\n")
    .map((row) => row.split("\t"));
  const files = rows.filter(([, , , kind]) => kind === "buildspec");
  assert.ok(files.length > 20);
  for (const [repository = "", path = ""] of files) {
    const text = readFileSync(join(corpus, repository.replace("/", "__"), path), "utf8");
    assert.ok(buildspecReader.isFor({ path, text }), path);
    checkReaderContract(buildspecReader, { path, text });
  }
});
