import assert from "node:assert/strict";
import { test } from "node:test";
import { findJsonError } from "./find-json-error.ts";

const rows: [text: string, offset: number | undefined][] = [
  ['{"a": [1, -2.5e3, "x\\u00e4\\n", true, null, {}, []]}', undefined],
  [' "x" ', undefined],
  ['{"a": }', 6],
  ['{"a": 1,}', 8],
  ['{"a" 1}', 5],
  ["{'a': 1}", 1],
  ['{"a": 01}', 6],
  ['{"a": "b\nc"}', 6],
  ['{"a": 1} x', 9],
  ['{"a": 1', 7],
  ["[1 2]", 3],
  ["[truefalse]", 1],
];
for (const [text, offset] of rows) {
  test(`${JSON.stringify(text)} ${offset === undefined ? "is JSON" : `stops to be JSON at ${offset}`}`, () => {
    assert.equal(findJsonError(text), offset);
    const parse = () => JSON.parse(text);
    if (offset === undefined) assert.doesNotThrow(parse);
    else assert.throws(parse, SyntaxError);
  });
}
