import assert from "node:assert/strict";
import { test } from "node:test";
import { spanOf } from "./source-position.ts";

test("a place far down in a large file has the line, the column and the bytes that counting from its beginning gives", () => {
  const text = `\ufeff${"\u5168 \ud83d\ude00 line\r\n".repeat(9000)}${"x".repeat(40_000)}\n${"short\n\n".repeat(9000)}`;
  const file = { path: "Dockerfile", text };
  for (let start = 0; start < text.length; start += 997) {
    const end = Math.min(start + 40, text.length);
    const before = text.slice(0, start).split("\n");
    const upTo = text.slice(0, end).split("\n");
    assert.deepEqual(spanOf(file, { start, end }), {
      ...{ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      ...{ endLine: upTo.length, endColumn: (upTo.at(-1)?.length ?? 0) + 1 },
      ...{ charOffset: start, charLength: end - start },
      byteOffset: Buffer.byteLength(text.slice(0, start)),
      byteLength: Buffer.byteLength(text.slice(start, end)),
    });
  }
});
