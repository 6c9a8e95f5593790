import assert from "node:assert/strict";
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { writeRepository } from "../../../test/fixtures/check-repository.ts";
import { stageFiles } from "./replace-files.ts";
import { clearKilledReplacement } from "./replacement-record.ts";

const names = Array.from({ length: 20 }, (_, index) => `Dockerfile.${String(index).padStart(2, "0")}`);
const before = Object.fromEntries(names.map((name) => [name, `FROM a:${name}\n`]));
const replacements = names.map((path) => ({ file: { path, text: before[path] ?? "" }, text: `FROM b:${path} é\n` }));
const after = Object.fromEntries(replacements.map(({ file, text }) => [file.path, text]));

function contentsOf(root: string): Record<string, string> {
  return Object.fromEntries(readdirSync(root).map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

test("files are replaced whole, with their modes, and nothing is left beside them", async (t) => {
  const root = writeRepository(t, before);
  chmodSync(join(root, "Dockerfile.07"), 0o777);
  await stageFiles(root, replacements).commit();
  assert.deepEqual(contentsOf(root), after);
  assert.equal(statSync(join(root, "Dockerfile.07")).mode & 0o777, 0o777);
});

test("where one file has changed since it was read, none is written", (t) => {
  const root = writeRepository(t, { ...before, "Dockerfile.19": "FROM c\n" });
  assert.throws(() => stageFiles(root, replacements), { code: "CHECK_CHANGED", place: { file: "Dockerfile.19" } });
  assert.deepEqual(contentsOf(root), { ...before, "Dockerfile.19": "FROM c\n" });
});

test("where one file has gone, none is written, and the error names it", (t) => {
  const root = writeRepository(t, before);
  rmSync(join(root, "Dockerfile.19"));
  assert.throws(() => stageFiles(root, replacements), { code: "CHECK_WRITE", place: { file: "Dockerfile.19" } });
  assert.equal(readFileSync(join(root, "Dockerfile.00"), "utf8"), before["Dockerfile.00"]);
  assert.equal(readdirSync(root).length, 19);
});

test("where one file cannot be put in its place, those before it get their old texts back", async (t) => {
  const root = writeRepository(t, before);
  const staged = stageFiles(root, replacements);
  rmSync(join(root, "Dockerfile.12.chubo-new"));
  await assert.rejects(staged.commit(), { code: "CHECK_WRITE", place: { file: "Dockerfile.12" } });
  assert.deepEqual(contentsOf(root), before);
});

test("an interruption in the middle gives all files their old texts back", async (t) => {
  const root = writeRepository(t, before);
  const controller = new AbortController();
  const committed = stageFiles(root, replacements).commit(controller.signal);
  const isMiddle = () => readFileSync(join(root, "Dockerfile.03"), "utf8") === after["Dockerfile.03"];
  while (!isMiddle()) await setImmediate();
  controller.abort(new Error("Ctrl-C"));
  await assert.rejects(committed, { message: "Ctrl-C" });
  assert.deepEqual(contentsOf(root), before);
});

test("what a killed process has left is cleared away, and told by what became of each file", (t) => {
  const root = writeRepository(t, before);
  stageFiles(root, replacements);
  assert.throws(() => clearKilledReplacement(root), { code: "CHECK_BUSY" });
  for (const name of names.slice(0, 5)) renameSync(join(root, `${name}.chubo-new`), join(root, name));
  const record = join(root, ".chubo-fix.json");
  writeFileSync(record, readFileSync(record, "utf8").replace(String(process.pid), "4194305"));
  assert.deepEqual(clearKilledReplacement(root), { replaced: names.slice(0, 5), left: names.slice(5) });
  const mixed = names.map((name, index) => [name, (index < 5 ? after : before)[name]]);
  assert.deepEqual(contentsOf(root), Object.fromEntries(mixed));
  assert.equal(clearKilledReplacement(root), undefined);
});

test("a record that is none, or leads outside, removes nothing but itself", (t) => {
  for (const text of ["{", "[]", JSON.stringify({ process: 4194305, paths: ["../x"] })]) {
    const root = writeRepository(t, { "a/.chubo-fix.json": text, "x.chubo-old": "kept" });
    assert.equal(clearKilledReplacement(join(root, "a")), undefined);
    assert.equal(readFileSync(join(root, "x.chubo-old"), "utf8"), "kept");
    assert.deepEqual(readdirSync(join(root, "a")), []);
  }
});

test("a symbolic link is left, and what it leads to", (t) => {
  const root = writeRepository(t, { real: "before" });
  symlinkSync("real", join(root, "link"));
  const stage = () => stageFiles(root, [{ file: { path: "link", text: "before" }, text: "after" }]);
  assert.throws(stage, { code: "CHECK_WRITE" });
  assert.deepEqual(readdirSync(root).sort(), ["link", "real"]);
  assert.equal(readFileSync(join(root, "real"), "utf8"), "before");
});
