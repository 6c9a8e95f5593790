import assert from "node:assert/strict";
import { test } from "node:test";
import { isScalar, parseDocument } from "yaml";
import { type MappedText, scalarText, wholeText } from "./mapped-text.ts";

function readValue(yaml: string, ...path: (string | number)[]): MappedText {
  const node = parseDocument(yaml).getIn(path, true);
  assert.ok(isScalar(node));
  return scalarText(wholeText(yaml), node);
}

/** What the file says where `word` stands in the value. */
function writtenAt(yaml: string, word: string, ...path: (string | number)[]): string | undefined {
  const value = readValue(yaml, ...path);
  const start = value.text.indexOf(word);
  assert.notEqual(start, -1, value.text);
  const range = value.findRange({ start, end: start + word.length });
  return range && yaml.slice(range.start, range.end);
}

for (const [style, yaml] of Object.entries({
  plain: "a: docker pull nginx:1\n",
  "plain over two lines": "a: docker\n   pull   nginx:1\n",
  "single quotes": "a: 'it''s docker pull nginx:1'\n",
  "double quotes": 'a: "say \\"x\\" \\u00e9\\U0001F600\\t&& docker pull nginx:1"\n',
  "double quotes over two lines": 'a: "one \\\n    two\n\n    docker pull nginx:1"\n',
  "a literal block": "a: |\n    if x; then\n      docker pull nginx:1\n    fi\n",
  "a literal block with CRLF": "a: |\r\n  x\r\n\r\n  docker pull nginx:1\r\n",
  "a literal block with an indentation indicator": "a: |2-\n    x\n  docker pull nginx:1\n",
  "a folded block": "a: >-\n  x\n  y\n\n  docker pull nginx:1\n",
  JSON: '{"a": "x\\ny \\/ docker pull nginx:1"}',
})) {
  test(`a word is found in the file where its value is written as ${style}`, () => {
    assert.equal(writtenAt(yaml, "nginx:1", "a"), "nginx:1");
  });
}

test("a piece that a block's indentation runs through has no place of its own, and a nearest one", () => {
  const yaml = "a: |\n  one\n  two\n";
  const value = readValue(yaml, "a");
  assert.equal(value.findRange({ start: 2, end: 6 }), undefined);
  const nearest = value.nearestRange({ start: 4, end: 7 });
  assert.equal(yaml.slice(nearest.start, nearest.end), "two");
});

test("a character that an escape makes has no place of its own", () => {
  const yaml = 'a: "x\\ty"';
  assert.equal(readValue(yaml, "a").findRange({ start: 1, end: 2 }), undefined);
});
