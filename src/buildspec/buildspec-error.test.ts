import assert from "node:assert/strict";
import { test } from "node:test";
import { BuildspecError } from "./buildspec.ts";
import { parseBuildspec } from "./parse-buildspec.ts";

interface Refusal {
  title: string;
  text: string;
  message: string;
  line?: number;
  column?: number;
  hint?: string;
}

const minimal = "version: 0.2\nphases:\n  build:\n    commands:\n      - true\n";
const phase = (lines: string) => `version: 0.2\nphases:\n  build:\n${lines}`;
const quote = "quote a text that holds a colon and a space: 'echo a: b'";

/** The words are AWS's where a build of theirs is recorded. */
const recorded: Refusal[] = [
  {
    title: "an unquoted colon in a command",
    text: phase("    commands:\n      - echo a: b\n"),
    message:
      "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
    line: 5,
    hint: "quote a command that holds a colon and a space: 'echo a: b'",
  },
  {
    title: "an unquoted colon in the third command",
    text: phase("    commands:\n      - a\n      - b\n      - echo a: b\n"),
    message:
      "Expected Commands[2] to be of string type: found subkeys instead at line 7, value of the key tag on line 6 might be empty",
    line: 7,
  },
  {
    title: "two unquoted colons in a command",
    text: phase("    commands:\n      - echo a: b: c\n"),
    message: "mapping values are not allowed in this context at line 5",
    ...{ line: 5, column: 17, hint: quote },
  },
  {
    title: "a tab as indentation",
    text: "version: 0.2\nphases:\n\tbuild:\n",
    message: "found character that cannot start any token at line 3",
    ...{ line: 3, column: 1, hint: "indent with spaces; YAML allows no tabs there" },
  },
  {
    title: "an open bracket",
    text: "version: 0.2\nx: [a\ny: b\n",
    message: "did not find expected ',' or ']' at line 3",
    line: 3,
  },
  {
    title: "no phases",
    text: "version: 0.2\n",
    message: "wrong number of container tags, expected 1",
    hint: "at least one phase is needed, below phases:",
  },
  {
    title: "nothing in it",
    text: "",
    message: "wrong number of container tags, expected 1",
    hint: "begin the buildspec with: version: 0.2, and its phases below",
  },
  { title: "text that is no mapping", text: "just text", message: "wrong number of container tags, expected 1" },
  {
    title: "a phase that there is not",
    text: "version: 0.2\nphases:\n  postbuild:\n    commands: [a]\n",
    message: "Invalid buildspec phase name: POSTBUILD. Expecting: BUILD,INSTALL,POST_BUILD,PRE_BUILD",
    ...{ line: 4, hint: 'did you mean "post_build"?' },
  },
];

recorded.push({
  title: "a dash without a command",
  text: phase("    commands:\n      - a\n      -\n"),
  message:
    "Expected Commands[1] to be of string type: found subkeys instead at line 6, value of the key tag on line 5 might be empty",
  ...{ line: 6, hint: "put a command behind the dash, or take the dash away" },
});

/** In our own words: none of AWS's are recorded. The words of the YAML library are those of libyaml. */
const others: Refusal[] = [
  { title: "an open brace", text: "version: 0.2\nx: {a\n", message: "did not find expected ',' or '}' at line 3" },
  { title: "an open quote", text: "version: 0.2\nx: 'a\n", message: "found unexpected end of stream at line 3" },
  {
    title: "no version",
    text: "phases: { build: {} }",
    message: "missing version",
    hint: "begin the buildspec with: version: 0.2",
  },
  {
    title: "another version",
    text: "version: 0.3\nphases: { build: {} }",
    message: "invalid buildspec version: 0.3 at line 1",
    ...{ line: 1, column: 10, hint: "the versions are 0.1 and 0.2" },
  },
  {
    title: "an on-failure that there is not",
    text: phase("    on-failure: RESTART\n    commands: [a]\n"),
    message: "on-failure: RESTART is not known at line 4",
    ...{ line: 4, column: 17, hint: "ABORT, CONTINUE, RETRY, RETRY-COUNT, RETRY-REGEX or RETRY-COUNT-REGEX" },
  },
  {
    title: "more retries than there may be",
    text: phase("    on-failure: RETRY-101\n    commands: [a]\n"),
    message: "on-failure: RETRY-101 retries too often at line 4",
    ...{ line: 4, column: 17, hint: "0 to 100 times" },
  },
  {
    title: "a retry's pattern that is none",
    text: phase("    on-failure: 'RETRY-(a'\n    commands: [a]\n"),
    message: "on-failure: Invalid regular expression: /(a/: Unterminated group at line 4",
    line: 4,
  },
  {
    title: "commands that are a mapping",
    text: phase("    commands:\n      run: a\n"),
    message: "Expected commands to be a list at line 5",
    ...{ line: 5, hint: "begin each command with a dash" },
  },
  {
    title: "steps",
    text: phase("    steps: [{run: a}]\n"),
    message: "steps (GitHub Actions in a phase) are not supported here at line 4",
    ...{ line: 4, column: 12, hint: "write the same as commands" },
  },
  {
    title: "PowerShell",
    text: `${minimal}env: {shell: powershell.exe}`,
    message: "env.shell powershell.exe is not supported here at line 6",
    ...{ line: 6, hint: "bash or /bin/sh" },
  },
  {
    title: "an unknown anchor",
    text: "version: 0.2\nphases: *x\n",
    message: "unknown anchor 'x' referenced at line 2",
    line: 2,
  },
  {
    title: "an anchor inside itself",
    text: "version: 0.2\nphases: &p\n  <<: *p\n",
    message: "aliases are nested too deeply at line 3",
  },
  {
    title: "variables that are a list",
    text: `${minimal}env:\n  variables: [a]\n`,
    message: "variables is not a mapping at line 7",
  },
  {
    title: "a variable that is a list",
    text: `${minimal}env:\n  variables: { A: [a] }\n`,
    message: "Expected variables.A to be of string type at line 7",
  },
  {
    title: "phases that are a list",
    text: "version: 0.2\nphases:\n  - build\n",
    message: "phases is not a mapping at line 3",
  },
  {
    title: "exported-variables that are a mapping",
    text: `${minimal}env:\n  exported-variables: { A: b }\n`,
    message: "Expected exported-variables to be a list of strings at line 7",
  },
];

for (const { title, text, message, ...place } of [...recorded, ...others]) {
  test(`a buildspec with ${title} is refused: ${message}`, () => {
    assert.throws(
      () => parseBuildspec(text),
      (error) => {
        assert.ok(error instanceof BuildspecError, String(error));
        const { line, column, hint } = error;
        const told = Object.entries({ message: error.message, line, column, hint });
        assert.deepEqual(Object.fromEntries(told.filter(([key]) => key === "message" || key in place)), {
          message,
          ...place,
        });
        return true;
      },
    );
  });
}
