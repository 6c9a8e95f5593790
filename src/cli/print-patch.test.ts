import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { patchOf } from "./print-patch.ts";

test("git applies the diff of a file in which very many lines have changed", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "chubo-patch-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const before = `${"FROM nginx\n# as before\n".repeat(2_000)}no end of line`;
  const after = before.replaceAll("nginx", "httpd");
  const file = join(directory, "Dockerfile");
  writeFileSync(file, before);
  const patch = patchOf({ path: "Dockerfile", text: before }, after);
  execFileSync("git", ["apply", "-"], { cwd: directory, input: patch });
  assert.equal(readFileSync(file, "utf8"), after);
});
