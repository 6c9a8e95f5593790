import assert from "node:assert/strict";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { type ZipEntry, zipStream } from "../artifacts/zip-writer.ts";
import { unzipInto } from "./zip-files.ts";

const entryOf = (name: string, content: string | Buffer, mode = 0o100644): ZipEntry => ({
  ...{ name, mode },
  content: Buffer.from(content),
  size: content.length,
});

function openDirectory(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "chubo-test-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return join(root, "a", "src");
}

async function unzip(t: TestContext, entries: ZipEntry[]): Promise<string> {
  const directory = openDirectory(t);
  mkdirSync(directory, { recursive: true });
  await unzipInto(zipStream(entries), directory);
  return directory;
}

test("files, modes and links come out of a streamed archive as they went in", async (t) => {
  const directory = await unzip(t, [
    entryOf("bin/run", "x", 0o100777),
    entryOf("link", "bin/run", 0o120777),
    entryOf("large", Buffer.alloc(3_000_000, "ab")),
    entryOf("outside", "/etc/hosts", 0o120777),
  ]);
  assert.equal(lstatSync(join(directory, "bin/run")).mode & 0o777, 0o777);
  assert.equal(readlinkSync(join(directory, "link")), "bin/run");
  assert.equal(readlinkSync(join(directory, "outside")), "/etc/hosts");
  assert.equal(readFileSync(join(directory, "large")).length, 3_000_000);
  assert.deepEqual(readdirSync(join(directory, "..")), ["src"]);
});

const refused: { title: string; entries: ZipEntry[]; message: RegExp }[] = [
  { title: "a name with ..", entries: [entryOf("../x", "x")], message: /invalid relative path: \.\.\/x/ },
  { title: "an absolute name", entries: [entryOf("/etc/x", "x")], message: /absolute path: \/etc\/x/ },
  {
    title: "a file below a link",
    entries: [entryOf("d", "/tmp", 0o120777), entryOf("d/x", "x")],
    message: /EEXIST/,
  },
  {
    title: "a link with an endless target",
    entries: [entryOf("d", "x".repeat(5000), 0o120777)],
    message: /the target of d is too long/,
  },
];

for (const { title, entries, message } of refused) {
  test(`an archive with ${title} is refused`, async (t) => {
    const failure = { statusCode: "CLIENT_ERROR", message };
    await assert.rejects(unzip(t, entries), failure);
  });
}

test("an archive of a few bytes that would become gigabytes is refused before it is unpacked", async (t) => {
  const directory = openDirectory(t);
  const archive = await buffer(zipStream([entryOf("zeros", Buffer.alloc(1000))]));
  const central = archive.indexOf("PK\u0001\u0002");
  archive.writeUInt32LE(0x7fffffff, central + 24);
  const message = /its \d+ bytes would become more than/;
  await assert.rejects(unzipInto(archive, directory), { statusCode: "CLIENT_ERROR", message });
});

test("what is no archive is refused, and nothing of it is left", async (t) => {
  const directory = openDirectory(t);
  mkdirSync(directory, { recursive: true });
  await assert.rejects(unzipInto(Readable.from([Buffer.from("hello")]), directory), { statusCode: "CLIENT_ERROR" });
  assert.deepEqual(readdirSync(join(directory, "..")), ["src"]);
  const cut = (await buffer(zipStream([entryOf("x", "x")]))).subarray(0, 40);
  await assert.rejects(unzipInto(cut, directory), { statusCode: "CLIENT_ERROR" });
});
