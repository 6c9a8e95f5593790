// A faulty buildspec is no usage error: the build starts and fails in DOWNLOAD_SOURCE, with AWS's message, as on AWS.
import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, resultOf } from "../run-chubo.ts";
import { runIn, soundTemplate } from "./bad-input.ts";

interface Case {
  title: string;
  /** Undefined: the source has none. */
  buildspec: string | undefined;
  /** SRC stands for the build's source directory. */
  message: string;
  /** What the run adds for whoever watches: place and hint. */
  note?: string;
}

const phase = (lines: string) => `version: 0.2\nphases:\n  build:\n${lines}`;

const cases: Case[] = [
  {
    title: "no buildspec",
    buildspec: undefined,
    message: "YAML file does not exist",
    note: "the source has no buildspec.yml: add one, or name another (the project's Source.BuildSpec, chubo build --buildspec)",
  },
  {
    title: "a command with an unquoted colon",
    buildspec: phase("    commands:\n      - true\n      - echo foo: bar\n"),
    message:
      "Expected Commands[1] to be of string type: found subkeys instead at line 6, value of the key tag on line 5 might be empty",
    note: "buildspec.yml:6: quote a command that holds a colon and a space: 'echo a: b'",
  },
  {
    title: "a command with two unquoted colons",
    buildspec: phase("    commands:\n      - echo a: b: c\n"),
    message: "mapping values are not allowed in this context at line 5",
    note: "buildspec.yml:5:17: quote a text that holds a colon and a space: 'echo a: b'",
  },
  {
    title: "a tab",
    buildspec: "version: 0.2\nphases:\n\tbuild:\n",
    message: "found character that cannot start any token at line 3",
    note: "buildspec.yml:3:1: indent with spaces; YAML allows no tabs there",
  },
  {
    title: "another version",
    buildspec: "version: 0.3\nphases: { build: {} }\n",
    message: "invalid buildspec version: 0.3 at line 1",
    note: "buildspec.yml:1:10: the versions are 0.1 and 0.2",
  },
  {
    title: "no version",
    buildspec: "phases: {}\n",
    message: "missing version",
    note: "buildspec.yml: begin the buildspec with: version: 0.2",
  },
  {
    title: "no phases",
    buildspec: "version: 0.2\n",
    message: "wrong number of container tags, expected 1",
    note: "buildspec.yml: at least one phase is needed, below phases:",
  },
  {
    title: "a phase that there is not",
    buildspec: "version: 0.2\nphases:\n  post-build:\n    commands: [a]\n",
    message: "Invalid buildspec phase name: POST-BUILD. Expecting: BUILD,INSTALL,POST_BUILD,PRE_BUILD",
    note: 'buildspec.yml:4: did you mean "post_build"?',
  },
  {
    title: "too many retries",
    buildspec: phase("    on-failure: RETRY-101\n    commands: [a]\n"),
    message: "on-failure: RETRY-101 retries too often at line 4",
    note: "buildspec.yml:4:17: 0 to 100 times",
  },
  {
    title: "steps",
    buildspec: phase("    steps: [{ run: a }]\n"),
    message: "steps (GitHub Actions in a phase) are not supported here at line 4",
    note: "buildspec.yml:4:12: write the same as commands",
  },
  {
    title: "text that is no mapping",
    buildspec: "just text\n",
    message: "wrong number of container tags, expected 1",
    note: "buildspec.yml: begin the buildspec with: version: 0.2, and its phases below",
  },
  {
    title: "bytes that are no text",
    buildspec: "\u0000\u0001\u0002",
    message: "wrong number of container tags, expected 1",
  },
];

for (const { title, buildspec, message, note } of cases) {
  test(`a source with ${title} fails the build in DOWNLOAD_SOURCE with status 1`, async (t) => {
    const source = buildspec === undefined ? {} : { "app/buildspec.yml": buildspec };
    const files = { "template.yml": soundTemplate, "app/a.txt": "a", ...source };
    const outcome = await runIn(t, files, ["run", "template.yml", "--source", "app", "--json"]);
    assert.equal(outcome.status, 1, outcome.stderr);
    const withoutNumbers = (text: string) => text.replaceAll(/\/\S*\/src\d+\/src\//g, "SRC/");
    const result = resultOf(outcome);
    assert.equal(withoutNumbers(failureOf(result) ?? ""), `DOWNLOAD_SOURCE YAML_FILE_ERROR: ${message}`);
    assert.deepEqual(
      result.builds[0]?.phases.map(({ phaseType }) => phaseType),
      ["SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "FINALIZING", "COMPLETED"],
    );
    const lines = withoutNumbers(outcome.stderr).trimEnd().split("\n");
    assert.equal(lines.at(-1), `✗ FAILED in DOWNLOAD_SOURCE: YAML_FILE_ERROR: ${message}`);
    if (note !== undefined) assert.ok(lines.includes(`· ${note}`), outcome.stderr);
  });
}
