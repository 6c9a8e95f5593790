import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { bytesOf } from "../../../test/contracts/pulled-content-contract.ts";
import { startBlobUpstream } from "../../../test/fixtures/blob-upstream.ts";
import { mountSmallDisk, type SmallDisk } from "../../../test/fixtures/small-disk.ts";
import { openFileContentStore } from "../../store/file-content-store.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { openBlobDownloads } from "./blob-downloads.ts";
import { openLocalPulledContent } from "./local-pulled-content.ts";

const repository = "library/app";
const megabyte = 1024 * 1024;

async function openOnDisk({ directory, beforeEnd }: SmallDisk, freeBytes?: () => Promise<number>) {
  const paths = { content: join(directory, "content"), incoming: join(directory, "incoming") };
  const files = openFileContentStore(paths);
  const store = openSqliteStore(":memory:");
  const content = openLocalPulledContent({ store, content: files, now: Date.now, ...(freeBytes && { freeBytes }) });
  const source = await startBlobUpstream();
  const downloads = openBlobDownloads({ upstream: source.upstream, content, nameOf: (name) => name });
  beforeEnd(async () => {
    source.close();
    await downloads.close();
  });
  return { ...source, content, downloads, incoming: () => readdirSync(paths.incoming) };
}

test("a disk that fills up fails the pull cleanly, and the next one that fits is stored", async (t) => {
  const disk = mountSmallDisk(t, 8 * megabyte);
  if (disk === undefined) return;
  const { add, downloads, content, incoming } = await openOnDisk(disk);
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
  const disk = mountSmallDisk(t, 8 * megabyte);
  if (disk === undefined) return;
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(disk.directory);
    return bavail * bsize;
  };
  const { add, downloads, content } = await openOnDisk(disk, freeBytes);
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
