import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fromBuffer } from "yauzl";
import { UsageError } from "../usage-error.ts";
import { readSourceDirectory } from "./source-directory.ts";

function sourceDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "chubo-source-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function namesIn(zip: Buffer): Promise<string[]> {
  return new Promise((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: false }, (error, file) => {
      if (error) return reject(error);
      const names: string[] = [];
      file.on("entry", (entry) => names.push(entry.fileName));
      file.on("end", () => resolve(names));
      file.on("error", reject);
    });
  });
}

test("a source artifact holds files and links, and neither .git nor .chubo", async (t) => {
  const directory = sourceDirectory(t);
  mkdirSync(join(directory, ".git"));
  mkdirSync(join(directory, ".chubo"));
  mkdirSync(join(directory, "sub"));
  for (const name of [".git/HEAD", ".chubo/lock", "Dockerfile", "sub/a.txt"])
    writeFileSync(join(directory, name), name);
  symlinkSync("sub/a.txt", join(directory, "link"));
  const source = await readSourceDirectory(directory);
  assert.deepEqual(await namesIn(source.zip), ["Dockerfile", "link", "sub/a.txt"]);
});

test("the revision of a directory outside git follows its content, not its times", async (t) => {
  const directory = sourceDirectory(t);
  const file = join(directory, "a.txt");
  writeFileSync(file, "one");
  const { revision } = await readSourceDirectory(directory);
  utimesSync(file, new Date(0), new Date(0));
  assert.equal((await readSourceDirectory(directory)).revision, revision);
  writeFileSync(file, "two");
  assert.notEqual((await readSourceDirectory(directory)).revision, revision);
  assert.match(revision, /^[0-9a-f]{40}$/);
});

test("a source directory that is missing, empty or a file is refused by name", async (t) => {
  const directory = sourceDirectory(t);
  const file = join(directory, "sub");
  await assert.rejects(readSourceDirectory(file), UsageError);
  await assert.rejects(readSourceDirectory(directory), UsageError);
  writeFileSync(file, "");
  await assert.rejects(
    readSourceDirectory(file),
    (error) => error instanceof UsageError && error.message.includes(file),
  );
});
