import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findPrograms, programPath } from "./find-program.ts";
import { copyPortably } from "./portable-program.ts";

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-portable-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const [cat = ""] = findPrograms("cat", programPath(""));
const skip = process.platform === "linux" ? false : "programs of Linux only";

test("a copied program runs with the libraries that came along and none of the system's", { skip }, async (t) => {
  const directory = temporaryDirectory(t);
  const program = await copyPortably(cat, directory, join(directory, "lib"));
  const maps = execFileSync(program, ["/proc/self/maps"], { encoding: "utf8" });
  const libraries = maps.split("\n").flatMap((line) => /\/\S+\.so\S*$/.exec(line)?.[0] ?? []);
  assert.ok(libraries.length > 0, maps);
  for (const library of libraries) assert.ok(library.startsWith(`${directory}/lib/`), library);
});

test("a program that needs no libraries is copied as it is", { skip }, async (t) => {
  const directory = temporaryDirectory(t);
  const script = join(directory, "greet");
  writeFileSync(script, '#!/bin/sh\necho "hello $1"\n', { mode: 0o755 });
  const program = await copyPortably(script, join(directory, "copy"), "/nowhere");
  assert.equal(execFileSync(program, ["you there"], { encoding: "utf8" }), "hello you there\n");
});
