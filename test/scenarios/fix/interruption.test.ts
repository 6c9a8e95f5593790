// `chubo fix` over many files, ended in the middle: by Ctrl-C, which leaves all as they were, and by SIGKILL.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { collectOutcome, repository, runChubo, temporaryDirectory } from "../run-chubo.ts";

const count = 1000;
const old = "FROM httpd:2.4\n";
const mended = "FROM public.ecr.aws/docker/library/httpd:2.4\n";

/** Mends a directory of Dockerfiles, and is sent the signal when the first of them has been replaced. */
async function fixUntil(t: TestContext, signal: "SIGINT" | "SIGKILL") {
  const root = temporaryDirectory(t);
  for (let index = 0; index < count; index++) writeFileSync(join(root, `Dockerfile.${index}`), old);
  const words = [join(repository, "bin", "chubo.js"), "fix", root, "--remedy", "ecr-public"];
  const child = spawn(process.execPath, words, { stdio: "pipe" });
  const watcher = watch(root, () => {
    // The first in the order of their names.
    if (child.killed || readFileSync(join(root, "Dockerfile.0"), "utf8") === old) return;
    child.kill(signal);
  });
  const outcome = await collectOutcome(child);
  watcher.close();
  return { root, outcome };
}

function contentsOf(root: string): string[] {
  return readdirSync(root).map((name) => readFileSync(join(root, name), "utf8"));
}

test("Ctrl-C leaves all files as they were, or all mended, and nothing beside them", async (t) => {
  const { root, outcome } = await fixUntil(t, "SIGINT");
  const contents = contentsOf(root);
  assert.equal(contents.length, count);
  const isWhole = new Set(contents).size === 1;
  assert.ok(isWhole, "all or none");
  assert.equal(contents[0], outcome.status === 130 ? old : mended);
  if (outcome.status === 130) assert.match(outcome.stderr, /interrupted: no file is changed/);
});

test("a killed fix leaves whole files, and the next one says which, clears away the rest and mends them", async (t) => {
  const { root } = await fixUntil(t, "SIGKILL");
  const files = readdirSync(root).filter((name) => /^Dockerfile\.\d+$/.test(name));
  const texts = files.map((name) => readFileSync(join(root, name), "utf8"));
  assert.equal(files.length, count);
  assert.ok(texts.every((text) => text === old || text === mended));
  const again = await runChubo(["fix", root, "--remedy", "ecr-public"]);
  assert.equal(again.status, 0, again.stderr);
  // Not told where the signal came after the last one.
  const [, replaced] = /an earlier chubo fix was killed; mended: (.*); as before: /.exec(again.stderr) ?? [];
  const isMended = texts.filter((text) => text === mended).length;
  assert.equal(replaced?.split(", ").length ?? count, isMended);
  assert.deepEqual(new Set(contentsOf(root)), new Set([mended]));
  assert.equal(readdirSync(root).length, count);
});
