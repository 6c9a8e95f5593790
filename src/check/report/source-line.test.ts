import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSourceLine } from "./source-line.ts";

/** The lines for the first place of `word`. */
function show(text: string, word: string, columns = 80): string[] {
  const start = text.indexOf(word);
  return formatSourceLine({ path: "a", text }, { start, end: start + word.length }, columns);
}

test("a tab goes to the next fourth column, and the caret with it", () => {
  assert.deepEqual(show("a\n\tx\tFROM b\n", "b"), ["  2 |     x   FROM b", "    |              ^"]);
});

test("a wide character takes two columns, one of several code points as one", () => {
  assert.deepEqual(show("厨房👩‍💻é b", "b"), ["  1 | 厨房👩‍💻é b", "    |         ^"]);
  assert.deepEqual(show("厨房", "厨房"), ["  1 | 厨房", "    | ^^^^"]);
});

test("a long line is cut around the range", () => {
  const [line = "", caret = ""] = show(`${"a".repeat(100_000)}b${"c".repeat(100)}`, "b", 40);
  assert.equal(line.length, 40);
  assert.match(line, /^ {2}1 \| …a+bc+…$/);
  assert.equal(line[caret.indexOf("^")], "b");
});

test("a range over several lines or beyond a screen is marked as far as its first line shows", () => {
  assert.deepEqual(show("ab: |\n  c\n", "|\n  c"), ["  1 | ab: |", "    |     ^"]);
  const [line = "", caret = ""] = show(`x ${"b".repeat(500)}`, "b".repeat(500), 40);
  assert.ok(line.length <= 40 && caret.length <= 40, `${line}\n${caret}`);
});

test("a control character does not reach the terminal", () => {
  const [line] = show("a\u001b[31mb", "b");
  assert.equal(line, "  1 | a\ufffd[31mb");
});
