import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runChubo, temporaryDirectory } from "../run-chubo.ts";

const buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - docker pull nginx:1.27\n";

test("chubo check ends with 1 for an error, with 0 for one that is allowed or known, with 2 for a wrong option", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "buildspec.yml"), buildspec);
  const statusOf = async (...words: string[]) => (await runChubo(["check", ...words], { directory })).status;
  assert.equal(await statusOf(), 1);
  assert.equal(await statusOf("--fail-on", "never"), 0);
  assert.equal(await statusOf("--baseline", "b.json", "--write-baseline"), 0);
  assert.equal(await statusOf("--baseline", "b.json", "--fail-on", "note"), 0);
  assert.equal(await statusOf("--format", "yaml"), 2);
  assert.equal(await statusOf("nowhere"), 2);
  writeFileSync(join(directory, "chubo.yml"), "check: {ignored: []}\n");
  const refused = await runChubo(["check"], { directory });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /CONFIG_KEY\][\s\S]*at chubo\.yml:1:9/);
});
