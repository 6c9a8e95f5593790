import assert from "node:assert/strict";
import { test } from "node:test";
import { openLineReader } from "./line-reader.ts";

test("lines come with their end, however the text was cut", () => {
  const read = openLineReader();
  assert.deepEqual([read("a\nb"), read("c\n\n"), read("d")], [["a"], ["bc", ""], []]);
});

test("a line that never ends is given in pieces", () => {
  const read = openLineReader();
  const piece = "x".repeat(700_000);
  assert.deepEqual([read(piece), read(piece), read("end\n")], [[], [piece + piece], ["end"]]);
});
