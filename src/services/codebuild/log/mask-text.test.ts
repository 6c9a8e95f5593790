import assert from "node:assert/strict";
import { test } from "node:test";
import { openTextMask } from "./mask-text.ts";

/** What a reader sees of a text that comes in these pieces. */
function shownOf(pieces: string[], secrets: string[]): string {
  const mask = openTextMask();
  mask.add(secrets);
  let shown = "";
  let held = "";
  for (const piece of pieces) {
    const next = mask.split(held + piece);
    shown += next.shown;
    held = next.held;
  }
  return shown + mask.masked(held);
}

const cases: { title: string; secrets: string[]; text: string; shown: string }[] = [
  { title: "a secret between other text", secrets: ["s3cret"], text: "a s3cret b", shown: "a *** b" },
  { title: "a secret twice", secrets: ["ab"], text: "abab", shown: "******" },
  {
    title: "a secret that begins with another one",
    secrets: ["abc", "abcdef"],
    text: "xabcdefx abcx",
    shown: "x***x ***x",
  },
  { title: "secrets that overlap at their ends", secrets: ["aba", "bax"], text: "..abaq", shown: "..***q" },
  {
    title: "characters that mean something in a pattern",
    secrets: ["a.b*$(c)"],
    text: "a.b*$(c) axb",
    shown: "*** axb",
  },
  { title: "a secret of two lines, shown whole", secrets: ["first\nsecond"], text: "first\nsecond", shown: "***" },
  {
    title: "a secret of two lines, shown a line at a time",
    secrets: ["first\r\n second"],
    text: "> second\n> first",
    shown: "> ***\n> ***",
  },
  {
    title: "the brackets of a secret document",
    secrets: ['{\n  "k": "long"\n}'],
    text: '{ "k": "long" }',
    shown: "{ *** }",
  },
  {
    title: "a text that only begins as the secret does",
    secrets: ["correct-horse"],
    text: "correct-h",
    shown: "correct-h",
  },
  { title: "an empty secret", secrets: ["", " "], text: "a b", shown: "a b" },
];

for (const { title, secrets, text, shown } of cases) {
  test(`${title}: masked alike whole, in two pieces cut anywhere, and a character at a time`, () => {
    assert.equal(shownOf([text], secrets), shown);
    assert.equal(shownOf([...text], secrets), shown);
    for (let cut = 1; cut < text.length; cut++) {
      assert.equal(shownOf([text.slice(0, cut), text.slice(cut)], secrets), shown, `cut at ${cut}`);
    }
  });
}

/** A generator of its own, so that a failure can be had again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("of many secrets that begin, end and hold each other, any pieces are masked as the whole is", () => {
  const random = randomOf(20261125);
  const word = (longest: number) =>
    Array.from({ length: 1 + random(longest) }, () => "ab\nc"[random(4)] ?? "a").join("");
  for (let round = 0; round < 400; round++) {
    const secrets = Array.from({ length: 1 + random(12) }, () => word(7));
    const text = word(60);
    const pieces: string[] = [];
    for (let start = 0; start < text.length; ) {
      const end = start + 1 + random(9);
      pieces.push(text.slice(start, end));
      start = end;
    }
    assert.equal(shownOf(pieces, secrets), shownOf([text], secrets), JSON.stringify({ secrets, text, pieces }));
  }
});
