import assert from "node:assert/strict";
import { test } from "node:test";
import { algorithmOf, digestOf, isDigest } from "./digest.ts";

test("names content by sha256, or by sha512 where that is asked for", () => {
  assert.equal(digestOf("hello"), "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  const long = digestOf(Buffer.from("hello"), "sha512");
  assert.equal(algorithmOf(long), "sha512");
  assert.ok(isDigest(long));
});

for (const text of [
  "",
  "sha256:",
  `sha256:${"A".repeat(64)}`,
  `sha256:${"a".repeat(63)}`,
  `md5:${"a".repeat(32)}`,
  "v1",
]) {
  test(`takes ${text.slice(0, 12) || "nothing"} for no digest`, () => assert.ok(!isDigest(text)));
}
