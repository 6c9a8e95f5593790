// Keeps docs/buildspec-keys.md true: every key of AWS's reference has its row, and every row its test.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const document = readFileSync(join(root, "docs", "buildspec-keys.md"), "utf8");

/** Cells of each row, without the heads of the tables. */
const rows = document
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
  .map((line) => line.slice(2, -2).split(" | "))
  .filter(([, , last]) => last !== "test");

/** Of the reference's syntax; a block that is one row holds its members. */
const keys = [
  ..."version run-as env.shell env.variables env.parameter-store env.secrets-manager".split(" "),
  ..."env.exported-variables env.git-credential-helper proxy.upload-artifacts proxy.logs batch phases".split(" "),
  ..."commands finally run-as steps".split(" ").map((key) => `phases.*.${key}`),
  ..."ABORT CONTINUE RETRY".split(" ").map((action) => `phases.*.on-failure: ${action}`),
  "phases.install.runtime-versions",
  ..."files name base-directory exclude-paths discard-paths enable-symlinks s3-prefix secondary-artifacts type"
    .split(" ")
    .map((key) => `artifacts.${key}`),
  ...["reports", "cache", "environment_variables.plaintext"],
];

test("docs/buildspec-keys.md has a row for every key of a buildspec", () => {
  const named = rows.map(([key = ""]) => key.replaceAll("`", ""));
  const missing = keys.filter((key) => !named.some((name) => name === key || name.startsWith(`${key}.`)));
  assert.deepEqual(missing, []);
});

for (const [key = "", , proof = ""] of rows) {
  test(`the test that docs/buildspec-keys.md names for ${key} exists`, () => {
    const [file = "", title = ""] = proof.split(/: (.*)/s);
    assert.ok(file.endsWith(".test.ts") && existsSync(join(root, file)), `no file ${file}`);
    const text = readFileSync(join(root, file), "utf8");
    const titles = [...text.matchAll(/\btest\(\s*(["'`])(.*?)\1,/gs)].map(([, , found]) => found);
    assert.ok(titles.includes(title), `no test "${title}" in ${file}`);
  });
}
