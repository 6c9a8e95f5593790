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
  for (const [title, text, line, column, message, code] of [
    ["an unknown key at the top", "checks:\n", 1, 1, /has no key "checks"/, "CONFIG_KEY"],
    ["an unknown key of check", "check:\n  ignored: []\n", 2, 3, /check has no key "ignored"/, "CONFIG_KEY"],
    ["an unknown key of an entry", entry("code: CHUBO001, why: x"), 3, 24, /has no key "why"/, "CONFIG_KEY"],
    ["an entry without a reason", entry("code: CHUBO001"), 3, 7, /reason is missing/, "CONFIG_VALUE"],
    ["an empty reason", entry('code: CHUBO001, reason: " "'), 3, 32, /reason is a text/, "CONFIG_VALUE"],
    ["an entry without a code", entry("reason: x"), 3, 7, /code is missing/, "CONFIG_VALUE"],
    ["a code that is none", entry("code: DL3006, reason: x"), 3, 14, /no code of a rule: DL3006/, "CONFIG_VALUE"],
    ["a list in place of a map", "- a\n", 1, 1, /is not a mapping/, "CONFIG_VALUE"],
    ["what is no YAML", "check: [\n", 2, 1, /./, "CONFIG_FILE"],
  ] as const) {
    test(title, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.deepEqual(error.place, { file: "chubo.yml", line, column });
          return true;
        },
      );
    });
  }
});
