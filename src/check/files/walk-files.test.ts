import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeRepository } from "../../../test/fixtures/check-repository.ts";
import { type PassedOver, walkFiles } from "./walk-files.ts";

test("what .gitignore leaves out is left out: by the nearest one, and by those above up to .git", (t) => {
  const root = writeRepository(t, {
    ".gitignore": "*.log\n/build/\n",
    "a.log": "",
    "build/x": "",
    "sub/.gitignore": "!kept.log\nsecret\n",
    "sub/kept.log": "",
    "sub/other.log": "",
    "sub/secret": "",
    "sub/build/x": "",
    "node_modules/x/Dockerfile": "",
  });
  mkdirSync(join(root, ".git"));
  const refuse = ({ path }: PassedOver) => assert.fail(path);
  assert.deepEqual(walkFiles(root, refuse), [".gitignore", "sub/.gitignore", "sub/build/x", "sub/kept.log"]);
  assert.deepEqual(walkFiles(join(root, "sub"), refuse), [".gitignore", "build/x", "kept.log"]);
});

test("symbolic links that run in circles are told, and not followed", (t) => {
  const root = writeRepository(t, { "a/Dockerfile": "" });
  symlinkSync("..", join(root, "a", "up"));
  const passed: PassedOver[] = [];
  assert.deepEqual(
    walkFiles(root, (one) => passed.push(one)),
    ["a/Dockerfile"],
  );
  assert.deepEqual(passed, [{ path: "a/up", reason: "a symbolic link is not followed" }]);
});
