import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeRepository } from "../../../test/fixtures/check-repository.ts";
import { replaceFile } from "./replace-file.ts";

test("a file is replaced whole, with its mode, and nothing is left beside it", (t) => {
  const root = writeRepository(t, { "build.sh": "before\n" });
  chmodSync(join(root, "build.sh"), 0o777);
  replaceFile(root, { path: "build.sh", text: "before\n" }, "after é\n");
  assert.equal(readFileSync(join(root, "build.sh"), "utf8"), "after é\n");
  assert.equal(statSync(join(root, "build.sh")).mode & 0o777, 0o777);
  assert.deepEqual(readdirSync(root), ["build.sh"]);
});

test("a file that has changed since it was read is left as it is", (t) => {
  const root = writeRepository(t, { Dockerfile: "FROM a\n" });
  writeFileSync(join(root, "Dockerfile"), "FROM b\n");
  const replace = () => replaceFile(root, { path: "Dockerfile", text: "FROM a\n" }, "FROM c\n");
  assert.throws(replace, { code: "CHECK_CHANGED" });
  assert.equal(readFileSync(join(root, "Dockerfile"), "utf8"), "FROM b\n");
  assert.deepEqual(readdirSync(root), ["Dockerfile"]);
});

test("a file that has gone is a usage error that names it", (t) => {
  const root = writeRepository(t, {});
  assert.throws(() => replaceFile(root, { path: "gone", text: "" }, "x"), {
    code: "CHECK_WRITE",
    place: { file: "gone" },
  });
});

test("a symbolic link is left, and what it leads to", (t) => {
  const root = writeRepository(t, { real: "before" });
  symlinkSync("real", join(root, "link"));
  assert.throws(() => replaceFile(root, { path: "link", text: "before" }, "after"), { code: "CHECK_WRITE" });
  assert.equal(readFileSync(join(root, "real"), "utf8"), "before");
});
