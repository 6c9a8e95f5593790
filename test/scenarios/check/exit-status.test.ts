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

test("an answer that is larger than a pipe comes whole", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "Dockerfile"), "FROM nginx:1.27\n".repeat(3000));
  const { stdout, status } = await runChubo(["check", "--json"], { directory });
  assert.equal(status, 0);
  assert.ok(stdout.length > 500_000);
  assert.equal(JSON.parse(stdout).files, 1);
});
