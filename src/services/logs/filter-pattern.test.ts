import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilterPattern } from "./filter-pattern.ts";

const cases: [pattern: string, message: string, matches: boolean][] = [
  ["", "anything", true],
  ["ERROR", "[ERROR] no space", true],
  ["ERROR", "Exiting with ERRORCODE: -1", true],
  ["ERROR", "an error", false],
  ["ERROR disk", "disk: ERROR", true],
  ["ERROR disk", "ERROR", false],
  ['"two words"', "these two words", true],
  ['"two words"', "words two", false],
  ['"say \\"x\\""', 'they say "x"', true],
  ["?a1 ?b2", "has b2", true],
  ["?a1 ?b2", "has c3", false],
  ["-skip", "keep", true],
  ["-skip", "skip this", false],
  ["ERROR -retry", "ERROR, will retry", false],
  ['ERROR -"will retry"', "ERROR, retry", true],
  ["?a1 ERROR", "ERROR only", true],
];

for (const [pattern, message, matches] of cases) {
  test(`the filter pattern ${pattern || "(empty)"} ${matches ? "matches" : "does not match"} ${message}`, () => {
    assert.equal(parseFilterPattern(pattern)(message), matches);
  });
}

for (const [pattern, message] of [
  ['{ $.level = "error" }', /JSON patterns such as/],
  ["[ip, user, ...]", /space-delimited patterns such as/],
  ["%ERR.*%", /regular expressions such as %ERR/],
  ['"open', /^Invalid filter pattern: "open$/],
] as const) {
  test(`the filter pattern ${pattern} is refused by name`, () => {
    assert.throws(() => parseFilterPattern(pattern), { name: "InvalidParameterException", message });
  });
}
