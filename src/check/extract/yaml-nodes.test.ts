import assert from "node:assert/strict";
import { test } from "node:test";
import { wholeText } from "../mapped-text.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

function readOne(text: string): YamlDocument {
  const { documents } = readYaml(wholeText(text));
  assert.ok(documents[0]);
  return documents[0];
}

test("an alias leads to the place of its anchor, and a merge key to the entries that it brings", () => {
  const text = "base: &base {image: nginx:1, command: x}\na: *base\nb:\n  <<: *base\n  command: y\n";
  const { root, find, textOf } = readOne(text);
  for (const name of ["a", "b"]) {
    const image = textOf(find(root, name, "image"));
    assert.deepEqual(image?.findRange({ start: 0, end: 7 }), { start: 20, end: 27 });
  }
  assert.equal(textOf(find(root, "b", "command"))?.text, "y");
});

test("an alias that leads to itself leads nowhere", () => {
  const { root, find, entriesOf } = readOne("a: &a\n  <<: *a\n  b: *a\n");
  assert.equal(entriesOf(find(root, "a")).length > 0, true);
});

test("an alias bomb is not expanded", () => {
  const lines = Array.from({ length: 40 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`);
  const { root, find, itemsOf } = readOne(["a0: &a0 [x]", ...lines].join("\n"));
  assert.equal(itemsOf(find(root, "a40")).length, 2);
});

test("merge keys that double at each level are read once", () => {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `a${index + 1}: &a${index + 1} {<<: [*a${index}, *a${index}]}`,
  );
  const { root, find, textOf } = readOne(["a0: &a0 {x: y}", ...lines].join("\n"));
  assert.equal(textOf(find(root, "a10", "x"))?.text, "y");
  assert.ok(find(root, "a60") !== undefined);
});

test("a document with a syntax error is left out with its place, and the others are read", () => {
  const { documents, notes } = readYaml(wholeText("a: 1\n---\nb: [\n---\nc: 3\n"));
  assert.equal(documents.length, 2);
  assert.match(notes[0]?.message ?? "", /^not well-formed YAML: /);
});

test("nesting that ends the parser's stack is a note", () => {
  const { documents, notes } = readYaml(wholeText(`${"[".repeat(100_000)}`));
  assert.deepEqual(documents, []);
  assert.equal(notes.length, 1);
});

test("a quoted text whose later lines are indented too little is read as libyaml reads it, at its places", () => {
  const text = 'c:\n  args: ["a\n    \\"x\\" b\n  "]\n  more: \'d\n  e\n  \'\n  image: nginx:1\n';
  const { documents, notes } = readYaml(wholeText(text));
  assert.deepEqual(notes, []);
  const [document] = documents;
  assert.ok(document);
  const { root, find, textOf, itemsOf } = document;
  assert.equal(textOf(itemsOf(find(root, "c", "args"))[0])?.text, 'a "x" b   ');
  const image = textOf(find(root, "c", "image"))?.findRange({ start: 0, end: 7 });
  assert.equal(image && text.slice(image.start, image.end), "nginx:1");
});

test("a quoted text that does not end is a note", () => {
  const { notes } = readYaml(wholeText('a: "b\nc: d\n'));
  assert.deepEqual(
    notes.map(({ message }) => message),
    ['not well-formed YAML: Missing closing "quote'],
  );
});
