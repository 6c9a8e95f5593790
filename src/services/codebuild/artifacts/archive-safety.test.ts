import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildspecOf, failureOf, runTestBuild } from "../../../../test/builds/run-test-build.ts";
import { zipContents } from "../../../../test/builds/zip-contents.ts";
import { readFile } from "./read-artifact-file.ts";

const everything = { files: ["**/*"] };

test("enable-symlinks keeps the links that stay inside, with targets that mean the same anywhere", async (t) => {
  const build = [
    "mkdir d; echo x > d/x; ln -s x d/near; ln -s $PWD/d/x d/far; ln -s d dir; ln -s /etc/passwd out; ln -s nowhere gone",
  ];
  const { archives, log } = await runTestBuild(
    t,
    buildspecOf({ build }, { artifacts: { ...everything, "enable-symlinks": "yes" } }),
  );
  assert.deepEqual(
    await zipContents(archives.get("")),
    { "a.txt": "a", "d/far": "-> x", "d/near": "-> x", "d/x": "x\n", dir: "-> d" },
    log,
  );
  for (const name of ["out", "gone"])
    assert.match(log, new RegExp(`Skipping ${name}: it leads out of the source directory`));
});

test("without enable-symlinks a link is the file that it names", async (t) => {
  const { archives, log } = await runTestBuild(
    t,
    buildspecOf({ build: ["echo x > x; ln -s x link; mkdir d; ln -s d dir"] }, { artifacts: everything }),
  );
  assert.deepEqual(await zipContents(archives.get("")), { "a.txt": "a", link: "x\n", x: "x\n" });
  assert.match(log, /Skipping dir: it is a link to no file/);
});

test("modes of files are kept", async (t) => {
  const { archives } = await runTestBuild(
    t,
    buildspecOf({ build: ["touch run; chmod 755 run; chmod 600 a.txt"] }, { artifacts: everything }),
  );
  const modes = await zipContents(archives.get(""), (mode) => (mode & 0o7777).toString(8));
  assert.deepEqual(modes, { "a.txt": "600", run: "755" });
});

test("a base directory that is a link out of the source directory is none", async (t) => {
  const { build } = await runTestBuild(
    t,
    buildspecOf({ build: ["ln -s /etc etc"] }, { artifacts: { ...everything, "base-directory": "etc" } }),
  );
  assert.equal(failureOf(build), "UPLOAD_ARTIFACTS CLIENT_ERROR: no matching base directory path found for etc");
});

for (const directory of ["..", "/etc", "../../../.."]) {
  test(`the base directory ${directory} leads nowhere`, async (t) => {
    const { build } = await runTestBuild(
      t,
      buildspecOf({ build: ["true"] }, { artifacts: { ...everything, "base-directory": directory } }),
    );
    assert.match(failureOf(build), /CLIENT_ERROR: no matching base directory path found/);
  });
}

test("names that no archive can hold are passed over, and forge no line of the log", async (t) => {
  const build = [
    String.raw`touch 'new
line' '..\..\up'; touch "$(printf 'bad\377name')"; mkfifo pipe`,
  ];
  const { archives, log } = await runTestBuild(t, buildspecOf({ build }, { artifacts: everything }));
  assert.deepEqual(Object.keys(await zipContents(archives.get(""))), ["a.txt", "new\nline"]);
  assert.match(log, /Skipping \.\.\\\.\.\\up: no archive can hold such a name/);
  assert.match(log, /Skipping "bad\ufffdname": no archive can hold such a name/);
});

test("a file that is replaced by a link while artifacts are made is not followed", async (t) => {
  // The one that is left in the background changes the file all the time.
  const swap =
    "(i=0; while [ $i -lt 3000 ]; do ln -sfn /etc/hostname s; rm -f s; echo mine > s; i=$((i+1)); done) > /dev/null 2>&1 &";
  const { archives } = await runTestBuild(
    t,
    buildspecOf({ build: [`echo mine > s; ${swap}`] }, { artifacts: everything }),
  );
  const archive = archives.get("");
  // Either the file as it was at some moment, or no artifact at all.
  if (archive !== undefined) assert.match((await zipContents(archive)).s ?? "", /^(mine\n)?$/);
});

test("only a file below the source directory is read into an artifact, whatever stood there when it was found", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const root = join(directory, "src");
  for (const name of ["src/inner", "outside"]) mkdirSync(join(directory, name), { recursive: true });
  for (const name of ["src/file", "outside/file"]) writeFileSync(join(directory, name), name);
  symlinkSync("../outside/file", join(root, "link"));
  symlinkSync("../outside", join(root, "directory"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  const read = (name: string) => () => readFile({ name, path: join(root, name) }, root);
  assert.equal(String(read("file")().content), "src/file");
  assert.throws(read("link"), { statusCode: "CLIENT_ERROR", message: "open link: ELOOP" });
  assert.throws(read("directory/file"), { message: /is no longer a file below the source directory$/ });
  assert.throws(read("pipe"), { message: /is no longer a file below the source directory$/ });
  assert.throws(read("gone"), { statusCode: "CLIENT_ERROR", message: "open gone: ENOENT" });
});
