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
  assert.equal(await statusOf("--source", "nowhere"), 2);
  assert.equal(await statusOf("buildspec.yml", "--source", "."), 2, "the source of one file is not read");
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

test("chubo fix refuses an option that its remedy has no use for", async (t) => {
  const directory = temporaryDirectory(t);
  for (const words of [
    ["ecr-public", "--secret", "ci/hub"],
    ["login", "--gateway", "127.0.0.1:5000"],
    ["pull-through-cache", "--mirror"],
  ]) {
    const { stderr, status } = await runChubo(["fix", "--remedy", ...words], { directory });
    assert.equal(status, 2);
    assert.match(stderr, /is not for --remedy \S+ \[CHECK_OPTION\]/);
  }
});
