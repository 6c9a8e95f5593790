import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BuildspecError } from "./buildspec.ts";
import { parseBuildspec } from "./parse-buildspec.ts";

const minimal = "version: 0.2\nphases:\n  build:\n    commands:\n      - true\n";

test("every part of a buildspec is read", () => {
  const buildspec = parseBuildspec(`
version: 0.2
env:
  shell: bash
  variables: { DOCKER_BUILDKIT: "1", EMPTY: "", NUMBER: 0.20, FLAG: yes }
  parameter-store: { KEY: /a/b }
  secrets-manager: { USER: "\${SECRET}:username" }
  exported-variables: [TAG, URI]
phases:
  install:
    runtime-versions: { docker: 20 }
  build:
    on-failure: ABORT
    commands: [echo one, "echo two: three"]
    finally: [echo end]
artifacts:
  files: [taskdef.json, "out/**/*"]
  base-directory: dist
  discard-paths: yes
  exclude-paths: ["**/*.map"]
  name: x-$(date +%F)
  secondary-artifacts:
    other: { files: b }
`);
  assert.equal(buildspec.shell, "bash");
  assert.deepEqual(buildspec.variables, { DOCKER_BUILDKIT: "1", EMPTY: "", NUMBER: "0.20", FLAG: "yes" });
  assert.deepEqual(buildspec.parameterStore, { KEY: "/a/b" });
  assert.deepEqual(buildspec.secretsManager, { USER: "$" + "{SECRET}:username" });
  assert.deepEqual(buildspec.exportedVariables, ["TAG", "URI"]);
  assert.deepEqual(buildspec.phaseOrder, ["install", "build"]);
  assert.deepEqual(buildspec.phases.install?.runtimeVersions, { docker: "20" });
  assert.deepEqual(buildspec.phases.build, {
    commands: ["echo one", "echo two: three"],
    finally: ["echo end"],
    onFailure: { action: "ABORT" },
    runtimeVersions: {},
    runAs: undefined,
  });
  assert.deepEqual(buildspec.artifacts, {
    files: ["taskdef.json", "out/**/*"],
    baseDirectory: "dist",
    excludePaths: ["**/*.map"],
    discardPaths: true,
    name: "x-$(date +%F)",
    enableSymlinks: false,
    s3Prefix: undefined,
  });
  assert.deepEqual(Object.keys(buildspec.secondaryArtifacts), ["other"]);
});

test("JSON is a buildspec too, and so is YAML with anchors, aliases and merge keys", () => {
  const json = JSON.stringify({ version: 0.2, phases: { build: { commands: ["true"] } } });
  assert.deepEqual(parseBuildspec(json).phases.build?.commands, ["true"]);
  const { phases } = parseBuildspec(`version: 0.2
phases:
  pre_build: &first
    commands: [&hello echo hello, echo once]
    on-failure: CONTINUE
  build:
    <<: *first
    commands: [*hello]
`);
  assert.deepEqual(phases.build?.commands, ["echo hello"]);
  assert.deepEqual(phases.build?.onFailure, { action: "CONTINUE" });
});

test("keys without an effect here, and keys that nobody knows, are named", () => {
  const { notCarriedOut, unknownKeys } = parseBuildspec(
    `${minimal}cache: { paths: [a] }\nreports: {}\nrun-as: bob\nbatch: {build-list: []}\nartefacts: {}\n`,
  );
  assert.deepEqual(notCarriedOut, ["reports", "run-as", "batch"]);
  assert.deepEqual(unknownKeys, ["artefacts (line 10)"]);
});

test("a retry has a count and a pattern, three times and any failure where it says nothing", () => {
  const onFailureOf = (text: string) =>
    parseBuildspec(`version: 0.2\nphases:\n  build:\n    on-failure: ${text}\n    commands: [a]\n`).phases.build
      ?.onFailure;
  assert.deepEqual(onFailureOf("RETRY"), { action: "RETRY", count: 3, pattern: ".*" });
  assert.deepEqual(onFailureOf("RETRY-0"), { action: "RETRY", count: 0, pattern: ".*" });
  assert.deepEqual(onFailureOf("RETRY-.*timed-out.*"), { action: "RETRY", count: 3, pattern: ".*timed-out.*" });
  assert.deepEqual(onFailureOf("RETRY-5-exit status 7"), { action: "RETRY", count: 5, pattern: "exit status 7" });
});

const refusals: { title: string; text: string; message: RegExp; line?: number }[] = [
  {
    title: "an unquoted colon in a command",
    text: "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n",
    message:
      /^Expected Commands\[0\] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty$/,
    line: 5,
  },
  {
    title: "two unquoted colons in a command",
    text: "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b: c\n",
    message: /^mapping values are not allowed in this context at line 5$/,
    line: 5,
  },
  {
    title: "a tab as indentation",
    text: "version: 0.2\nphases:\n\tbuild:\n",
    message: /^found character that cannot start any token at line 3$/,
    line: 3,
  },
  {
    title: "an open bracket",
    text: "version: 0.2\nx: [a\ny: b\n",
    message: /^did not find expected ',' or '\]' at line/,
  },
  { title: "an open quote", text: "version: 0.2\nx: 'a\n", message: /^found unexpected end of stream at line/ },
  { title: "no mapping", text: "just text", message: /^invalid buildspec/ },
  { title: "an empty file", text: "", message: /^invalid buildspec/ },
  { title: "no version", text: "phases: {}", message: /^missing version/ },
  { title: "another version", text: "version: 0.3\nphases: {}", message: /^invalid buildspec version: 0\.3 at line 1/ },
  { title: "no phases", text: "version: 0.2\n", message: /^missing phases/ },
  {
    title: "a phase that there is not",
    text: "version: 0.2\nphases:\n  post-build:\n    commands: [a]\n",
    message: /^Invalid buildspec phase name: post-build\. Expecting: build,install,post_build,pre_build at line 4$/,
  },
  {
    title: "more retries than there may be",
    text: "version: 0.2\nphases:\n  build:\n    on-failure: RETRY-101\n    commands: [a]\n",
    message: /^on-failure: RETRY-101 retries too often at line 4$/,
    line: 4,
  },
  {
    title: "steps",
    text: "version: 0.2\nphases:\n  build:\n    steps: [{run: a}]\n",
    message: /^steps .* not supported here at line 4$/,
  },
  { title: "PowerShell", text: `${minimal}env: {shell: powershell.exe}`, message: /^env\.shell powershell\.exe/ },
  {
    title: "an unknown anchor",
    text: "version: 0.2\nphases: *x\n",
    message: /^unknown anchor 'x' referenced at line 2$/,
  },
  { title: "an anchor inside itself", text: "version: 0.2\nphases: &p\n  <<: *p\n", message: /nested too deeply/ },
  {
    title: "a list of variables",
    text: `${minimal}env:\n  variables: [a]\n`,
    message: /^variables is not a mapping at/,
  },
];

for (const { title, text, message, line } of refusals) {
  test(`a buildspec with ${title} is refused with its place`, () => {
    assert.throws(
      () => parseBuildspec(text),
      (error) => {
        assert.ok(error instanceof BuildspecError, String(error));
        assert.match(error.message, message);
        if (line !== undefined) assert.equal(error.line, line);
        return true;
      },
    );
  });
}

const corpus = join(import.meta.dirname, "..", "..", "..", "shared", "corpus");

test("buildspecs from public repositories are read", { skip: !existsSync(corpus) }, () => {
  const rows = readFileSync(join(corpus, "INDEX.tsv"), "utf8").split("\n");
  const names = rows.map((row) => row.split("\t")).filter((row) => row[3] === "buildspec");
  const files = names.flatMap(([repository = "", path = ""]) =>
    globSync(join(corpus, repository.replace("/", "__"), path)),
  );
  assert.ok(files.length > 20, `${files.length} files`);
  const refused = files.flatMap((file) => {
    try {
      assert.ok(parseBuildspec(readFileSync(file, "utf8")).phaseOrder.length > 0);
      return [];
    } catch (error) {
      return [`${file}: ${error}`];
    }
  });
  assert.deepEqual(refused, []);
});
