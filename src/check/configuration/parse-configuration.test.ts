import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "../../usage-error.ts";
import { parseCheckConfiguration } from "./parse-configuration.ts";

const parse = (text: string) => parseCheckConfiguration(text, "chubo.yml");

test("entries are read with their places", () => {
  const text =
    "check:\n  ignore:\n    - code: CHUBO001\n      path: legacy/**\n      image: redis:7\n      reason: by hand\n";
  const entry = { code: "CHUBO001", path: "legacy/**", image: "redis:7", reason: "by hand", place: "chubo.yml:3" };
  assert.deepEqual(parse(text), { ignore: [entry] });
});

test("an empty file and empty members ignore nothing", () => {
  for (const text of ["", "# nothing\n", "check:\n", "check:\n  ignore:\n", "check: {ignore: []}\n"]) {
    assert.deepEqual(parse(text), { ignore: [] }, text);
  }
});

describe("what is wrong is refused with its place", () => {
  const entry = (members: string) => `check:\n  ignore:\n    - {${members}}\n`;
  for (const [title, text, line, column, message] of [
    ["an unknown key at the top", "checks:\n", 1, 1, /unknown key "checks"/],
    ["an unknown key of check", "check:\n  ignored: []\n", 2, 3, /unknown key "ignored" in check/],
    ["an unknown key of an entry", entry("code: CHUBO001, why: x"), 3, 24, /unknown key "why"/],
    ["an entry without a reason", entry("code: CHUBO001"), 3, 7, /reason is missing/],
    ["an empty reason", entry('code: CHUBO001, reason: " "'), 3, 32, /reason is a text/],
    ["an entry without a code", entry("reason: x"), 3, 7, /code is missing/],
    ["a code that is none", entry("code: DL3006, reason: x"), 3, 14, /no code of a rule: DL3006/],
    ["a list in place of a map", "- a\n", 1, 1, /is a map with check/],
    ["what is no YAML", "check: [\n", 2, 1, /no well-formed YAML/],
  ] as const) {
    test(title, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.code, "CHECK_CONFIG");
          assert.match(error.message, message);
          assert.deepEqual(error.place, { file: "chubo.yml", line, column });
          return true;
        },
      );
    });
  }
});
