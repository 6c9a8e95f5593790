import assert from "node:assert/strict";
import { test } from "node:test";
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
    lines: { commands: [14, 14], finally: [15] },
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
    `${minimal}cache: { paths: [a] }\nreports: {}\nbatch: {build-list: []}\nartefacts: {}\n`,
  );
  assert.deepEqual(notCarriedOut, []);
  assert.deepEqual(unknownKeys, ["artefacts (line 9)"]);
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

test("version 0.1 has its own blocks for variables and the kind of artifact", () => {
  const { version, variables, artifacts, unknownKeys, notCarriedOut } = parseBuildspec(`version: 0.1
environment_variables:
  plaintext: { A: one }
phases:
  build: { commands: [a] }
artifacts:
  type: zip
  files: [b]
`);
  assert.deepEqual([version, variables, artifacts?.files], ["0.1", { A: "one" }, ["b"]]);
  assert.deepEqual([unknownKeys, notCarriedOut], [[], []]);
});

test("reports: at most five, of a known format, each with files", () => {
  const parse = (reports: object) => parseBuildspec(`${minimal}reports: ${JSON.stringify(reports)}\n`).reports;
  const [report] = parse({ unit: { files: "a.xml", "file-format": "NUnit3Xml", "discard-paths": "yes" } });
  const expected = { name: "unit", files: ["a.xml"], baseDirectory: undefined, discardPaths: true };
  assert.deepEqual(report, { ...expected, fileFormat: "NUNIT3XML" });
  assert.equal(parse({ unit: { files: ["a"] } })[0]?.fileFormat, "JUNITXML");
  const six = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, { files: ["x"] }]));
  assert.throws(() => parse(six), /reports has 6 report groups/);
  assert.throws(
    () => parse({ unit: { files: ["a"], "file-format": "PDF" } }),
    /reports\.unit\.file-format PDF is not known/,
  );
  assert.throws(() => parse({ unit: {} }), /reports\.unit has no files/);
});

test("of several documents the first is the buildspec", () => {
  const document = "---\nversion: 0.2\nphases: { build: { commands: [a] } }\n---\nother: [document\n";
  assert.deepEqual(parseBuildspec(document).phases.build?.commands, ["a"]);
  assert.throws(() => parseBuildspec(document.replace("[a]", "[a")));
});

test("a block of artifacts names files, unless it is there for its secondary artifacts", () => {
  const artifactsOf = (block: object) =>
    parseBuildspec(JSON.stringify({ version: 0.2, phases: { build: { commands: ["a"] } }, artifacts: block }))
      .artifacts;
  assert.deepEqual(artifactsOf({ "base-directory": "dist" })?.files, []);
  assert.equal(artifactsOf({ "secondary-artifacts": { one: { files: ["a"] } } }), undefined);
});
