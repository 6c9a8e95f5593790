import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { bytesOf } from "../../../test/contracts/pulled-content-contract.ts";
import { startBlobUpstream } from "../../../test/fixtures/blob-upstream.ts";
import { openFileContentStore } from "../../store/file-content-store.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { openBlobDownloads } from "./blob-downloads.ts";
import { openLocalPulledContent } from "./local-pulled-content.ts";

const repository = "library/app";
const megabyte = 1024 * 1024;

/** A file system of 8 MiB, or undefined where this user may mount none. */
function mountSmallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "chubo-full-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", directory]).status === 0) return directory;
  rmdirSync(directory);
  return undefined;
}

async function openOnDisk(t: TestContext, directory: string, freeBytes?: () => Promise<number>) {
  const paths = { content: join(directory, "content"), incoming: join(directory, "incoming") };
  const files = openFileContentStore(paths);
  const store = openSqliteStore(":memory:");
  const content = openLocalPulledContent({ store, content: files, now: Date.now, ...(freeBytes && { freeBytes }) });
  const source = await startBlobUpstream();
  const downloads = openBlobDownloads({ upstream: source.upstream, content, nameOf: (name) => name });
  t.after(async () => {
    source.close();
    await downloads.close();
    spawnSync("umount", ["--lazy", directory]);
    rmdirSync(directory);
  });
  return { ...source, content, downloads, incoming: () => readdirSync(paths.incoming) };
}

test("a disk that fills up fails the pull cleanly, and the next one that fits is stored", async (t) => {
  const directory = mountSmallDisk();
  if (directory === undefined) return t.skip("no file system can be mounted here");
  const { add, downloads, content, incoming } = await openOnDisk(t, directory);
  const digest = add(randomBytes(12 * megabyte));
  const large = await downloads.open(repository, digest);
  await assert.rejects(async () => bytesOf(await large!.read()), { name: "ContentUnavailable", message: /ENOSPC/ });
  while (incoming().length > 0) await setTimeout(5);
  assert.equal(await content.isBlobHere(digest), false);
  const fitting = randomBytes(4 * megabyte);
  const small = await downloads.open(repository, add(fitting));
  assert.ok((await bytesOf(await small!.read())).equals(fitting));
});

test("a disk that is known to be too small passes the blob through, and evicts what may go for one that fits", async (t) => {
  const directory = mountSmallDisk();
  if (directory === undefined) return t.skip("no file system can be mounted here");
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  };
  const { add, downloads, content } = await openOnDisk(t, directory, freeBytes);
  const blobs = [5, 6, 12].map((size) => randomBytes(size * megabyte));
  for (const blob of blobs) {
    const opened = await downloads.open(repository, add(blob));
    assert.ok((await bytesOf(await opened!.read())).equals(blob));
    const isOver = () => content.stats().blobs === 1;
    while (!isOver()) await setTimeout(5);
  }
  // The third would not have fitted an empty disk either: nothing went for it.
  assert.equal(content.stats().evictions, 1);
});
