import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isMap, isSeq, type Node, parseDocument } from "yaml";
import type { CollectionPlace } from "../build-job.ts";
import { applyEdits, type TextEdit } from "../text-edit.ts";
import {
  appendEntries,
  appendItems,
  type EditedDocument,
  insertEntryBefore,
  prependEntries,
  prependItems,
} from "./collection-edit.ts";
import type { Entry, TemplateValue } from "./template-value.ts";

/** Block and flow, wide and narrow, comments where they may stand, both line ends, tabs. */
const documents: readonly EditedDocument[] = [
  {
    format: "yaml",
    text: "map: # the map\n  # of a\n  a: 1 # one\n\n  b: {c: 2}\nlist:\n- x\n-   y: 1\n    z: 2 # last\n",
  },
  {
    format: "yaml",
    text: "map:\n\n    # head\n\n    # of a\n    a: 1\nlist:\n    - x\n    - |\n      text\n      more",
  },
  { format: "yaml", text: "map: {a: 1, b: {c: 2}} # m\nlist: [x, y]\n" },
  { format: "yaml", text: "map: { a: 1 }\nlist: [ x, {y: 1,}, ]\n" },
  { format: "yaml", text: "map: {}\nlist: []\n" },
  { format: "yaml", text: "map: {\n  a: 1,\n  b: 2\n}\nlist: [\n  x,\n  y,\n]\n" },
  { format: "yaml", text: "map:\r\n  a: 1\r\nlist:\r\n  - x\r\n" },
  { format: "json", text: '{"map":{"a":1,"b":{"c":2}},"list":["x",{"y":1}]}' },
  { format: "json", text: '{\n  "map": {\n    "a": 1,\n    "b": {"c": 2}\n  },\n  "list": [\n    "x"\n  ]\n}\n' },
  { format: "json", text: '{\n\t"map": {\n\t\t"a": 1\n\t},\n\t"list": [ "x", "y" ]\n}\n' },
  { format: "json", text: '{\r\n    "map": {},\r\n    "list": []\r\n}\r\n' },
];

const values: readonly TemplateValue[] = [
  "plain",
  'aws ecr get-login-password | docker login --password-stdin "$DOCKER_HUB"',
  '{"username":"x: y # z"}',
  "true",
  "*",
  "it's",
  "if x; then\n  echo 'y: z'\n\nfi",
  "one # no comment\ntwo\n",
  "  ahead\nbehind  \n\n",
  true,
  ["a", { b: "c" }],
  { Effect: "Allow", Action: ["a:B", "c:D*"], Resource: "*", Condition: { deep: { deeper: ["x, y"] } } },
];

function read(text: string): { map: object; list: unknown[] } {
  const document = parseDocument(text.replaceAll("\t", " "), { schema: "core" });
  assert.deepEqual(document.errors, []);
  return document.toJS();
}

function placeOf({ text }: EditedDocument, key: "map" | "list"): CollectionPlace {
  const node = parseDocument(text.replaceAll("\t", " ")).get(key, true) as Node;
  assert.ok(isMap(node) || isSeq(node));
  const [start, rawEnd] = node.range ?? [0, 0];
  const end = start + text.slice(start, rawEnd).trimEnd().length;
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  return { range: { start, end }, column, isFlow: node.flow === true, isEmpty: node.items.length === 0 };
}

function edited({ text }: EditedDocument, edit: TextEdit): { map: object; list: unknown[] } {
  assert.equal(edit.range.start, edit.range.end, "it only adds");
  const after = applyEdits(text, [edit]);
  if (text.includes("\r\n")) assert.doesNotMatch(after, /[^\r]\n/);
  return read(after);
}

describe("an edit of a collection", () => {
  for (const [number, document] of documents.entries()) {
    for (const value of values) {
      const entries: Entry[] = [
        ["first", value],
        ["second", "x"],
      ];
      const added = { first: value, second: "x" };
      test(`adds ${JSON.stringify(value)} to document ${number}, in front and behind, and changes nothing else`, () => {
        const before = read(document.text);
        const map = placeOf(document, "map");
        const list = placeOf(document, "list");
        const items = [value, "x"];
        const atEnd = edited(document, appendEntries(document, map, entries));
        assert.deepEqual(atEnd, { ...before, map: { ...before.map, ...added } });
        assert.deepEqual(Object.keys(atEnd.map), [...Object.keys(before.map), "first", "second"]);
        const atStart = edited(document, prependEntries(document, map, entries));
        assert.deepEqual(Object.keys(atStart.map), ["first", "second", ...Object.keys(before.map)]);
        assert.deepEqual(atStart, { ...before, map: { ...before.map, ...added } });
        const appended = edited(document, appendItems(document, list, items));
        assert.deepEqual(appended, { ...before, list: [...before.list, ...items] });
        const prepended = edited(document, prependItems(document, list, items));
        assert.deepEqual(prepended, { ...before, list: [...items, ...before.list] });
      });
    }
    test(`adds an entry before another one to document ${number}`, () => {
      const at = document.text.search(/"?list"?:/);
      const root = { range: { start: 0, end: document.text.trimEnd().length }, column: 0, isEmpty: false };
      const place = { ...root, isFlow: document.format === "json" };
      const after = edited(document, insertEntryBefore(document, place, at, ["new", { a: "b" }]));
      assert.deepEqual(after, { ...read(document.text), new: { a: "b" } });
      assert.deepEqual(Object.keys(after), ["map", "new", "list"]);
    });
  }

  test("stands above the comment of the first entry", () => {
    const [, document] = documents;
    assert.ok(document);
    const edit = prependEntries(document, placeOf(document, "map"), [["new", "x"]]);
    assert.match(applyEdits(document.text, [edit]), /map:\n\n {4}new: x\n {4}# head/);
  });

  test("has the style of what is around it", () => {
    const json = documents[8];
    const flow = documents[3];
    assert.ok(json && flow);
    const inJson = appendItems(json, placeOf(json, "list"), [{ a: "b" }]);
    assert.match(applyEdits(json.text, [inJson]), /"x",\n {4}\{\n {6}"a": "b"\n {4}\}\n {2}\]/);
    const inFlow = appendItems(flow, placeOf(flow, "list"), [{ Ref: "Secret" }, { "Fn::Sub": `\${A}/b` }]);
    assert.match(applyEdits(flow.text, [inFlow]), /\{y: 1,\}, !Ref Secret, !Sub "\$\{A\}\/b" ?\]/);
  });
});
