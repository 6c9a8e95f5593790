import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { openVersionMemory } from "./version-memory.ts";

describe("the memory of versions", () => {
  let root: string;
  let file: string;
  let program: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "chubo-versions-"));
    [file, program] = [join(root, "versions.json"), join(root, "docker")];
    writeFileSync(program, "one");
    const memory = openVersionMemory(file);
    memory.remember(program, "Docker version 28.2.2");
    memory.save();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("knows an answer in the next run", () => {
    assert.equal(openVersionMemory(file).find(program), "Docker version 28.2.2");
  });

  test("does not know a program that has changed", () => {
    writeFileSync(program, "two");
    assert.equal(openVersionMemory(file).find(program), undefined);
  });

  test("begins anew where its file is broken", () => {
    writeFileSync(file, '{"half');
    const memory = openVersionMemory(file);
    assert.equal(memory.find(program), undefined);
    memory.remember(program, "Docker version 29.0.0");
    memory.save();
    assert.equal(openVersionMemory(file).find(program), "Docker version 29.0.0");
  });
});
