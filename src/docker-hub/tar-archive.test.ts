import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { formatTarArchive } from "./tar-archive.ts";

test("tar reads the archive with its modes, links and contents", () => {
  const archive = formatTarArchive([
    { path: "bin/", kind: "directory" },
    { path: "tmp/", kind: "directory", mode: 0o1777 },
    { path: "bin/tool", kind: "file", content: Buffer.alloc(513, "x"), mode: 0o755 },
    { path: "empty", kind: "file", content: Buffer.alloc(0) },
    { path: "bin/[", kind: "symlink", target: "tool" },
  ]);
  const list = execFileSync("tar", ["-tvf", "-", "--numeric-owner"], { input: archive, encoding: "utf8" });
  const words = list
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d/, "").replace(/ +/g, " "));
  assert.deepEqual(words, [
    "drwxr-xr-x 0/0 0 bin/",
    "drwxrwxrwt 0/0 0 tmp/",
    "-rwxr-xr-x 0/0 513 bin/tool",
    "-rw-r--r-- 0/0 0 empty",
    "lrwxrwxrwx 0/0 0 bin/[ -> tool",
  ]);
  const content = execFileSync("tar", ["-xOf", "-", "bin/tool"], { input: archive });
  assert.deepEqual(content, Buffer.alloc(513, "x"));
});

test("a path that does not fit is refused, not cut", () => {
  assert.throws(() => formatTarArchive([{ path: "x".repeat(101), kind: "directory" }]), /too long for a tar header/);
});
