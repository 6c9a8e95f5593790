import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hashFilesProgram } from "./hash-files.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function open(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const files = ["package-lock.json", "a.md", "docs/b.md", "docs/deep/c.md", "docs/c+d(1).txt"];
  for (const name of files) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), name);
  }
  const program = join(directory, "..", `hash-files-${process.pid}-${Math.random()}`);
  writeFileSync(program, hashFilesProgram, { mode: 0o755 });
  t.after(() => rmSync(program, { force: true }));
  const env = { PATH: "/usr/bin:/bin", CODEBUILD_SRC_DIR: directory };
  return {
    hash: (...patterns: string[]) =>
      execFileSync("sh", [program, ...patterns], { env, cwd: "/", encoding: "utf8" }).trim(),
    fail: (...patterns: string[]) => spawnSync("sh", [program, ...patterns], { env, encoding: "utf8" }),
  };
}

const expected = (...names: string[]) => sha256(names.map((name) => `${sha256(name)}\n`).join(""));

const cases: { patterns: string[]; names: string[] }[] = [
  { patterns: ["package-lock.json"], names: ["package-lock.json"] },
  { patterns: ["./package-lock.json"], names: ["package-lock.json"] },
  { patterns: ["*.md"], names: ["a.md"] },
  { patterns: ["**/*.md"], names: ["a.md", "docs/b.md", "docs/deep/c.md"] },
  { patterns: ["docs/*"], names: ["docs/b.md", "docs/c+d(1).txt"] },
  { patterns: ["docs/**"], names: ["docs/b.md", "docs/c+d(1).txt", "docs/deep/c.md"] },
  { patterns: ["docs/c+d(1).txt"], names: ["docs/c+d(1).txt"] },
  { patterns: ["?.md", "package-lock.json"], names: ["a.md", "package-lock.json"] },
];

for (const { patterns, names } of cases) {
  test(`codebuild-hash-files ${patterns.join(" ")} takes ${names.join(", ")}`, (t) => {
    assert.equal(open(t).hash(...patterns), expected(...names));
  });
}

test("codebuild-hash-files fails where nothing matches, and says so on its error output only", (t) => {
  const { status, stdout, stderr } = open(t).fail("none-*");
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /no file matches: none-\*/);
});
