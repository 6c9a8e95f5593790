import { setImmediate } from "node:timers/promises";
import type { Digest } from "../../oci/digest.ts";
import type { LocalParts } from "./local-parts.ts";
import { referenceKey } from "./pulled-records.ts";

export interface GarbageLimits {
  /** Milliseconds. A manifest that nobody pulled for so long goes, and its tags with it. */
  unusedFor: number;
}

/** Milliseconds. A blob may come before or without its manifest; it is not taken from under a pull that is on its way. */
const unnamedFor = 24 * 3600 * 1000;

/** Records first and files after: a process that is killed in between leaves files that the next collection removes. */
export async function collectGarbage(parts: LocalParts, { unusedFor }: GarbageLimits): Promise<void> {
  await dropUnusedManifests(parts, unusedFor);
  await dropUnnamedBlobs(parts);
  await dropOrphans(parts);
}

async function dropUnusedManifests(parts: LocalParts, unusedFor: number): Promise<void> {
  const { records, manifestUses, pins, holds, store, content, now } = parts;
  const oldest = now() - unusedFor;
  const tags = Map.groupBy(records.tags.list(), ({ tag }) => tag.head.digest);
  for (const { digest } of records.manifests.list()) {
    await setImmediate();
    if (manifestUses.usedAt(digest) >= oldest || pins.isPinned(digest) || holds.isHeld(digest)) continue;
    store.transaction(() => {
      for (const { repository, tag } of tags.get(digest) ?? []) dropTag(parts, repository, tag.tag, digest);
      dropManifest(parts, digest);
    });
    await content.delete(digest);
  }
}

/** The record; the file is the caller's. */
export function dropManifest({ records, manifestUses, space, ready }: LocalParts, digest: Digest): void {
  const record = records.manifests.get(digest);
  if (record !== undefined && records.manifests.delete(digest)) space.addManifest(-record.size);
  manifestUses.forget(digest);
  ready.delete(digest);
}

/** Not a tag that has moved on meanwhile. */
function dropTag({ records }: LocalParts, repository: string, tag: string, digest: Digest): void {
  const key = referenceKey(repository, tag);
  if (records.tags.get(key)?.tag.head.digest === digest) records.tags.delete(key);
}

async function dropUnnamedBlobs({ records, blobUses: uses, pins, space, holds, now }: LocalParts): Promise<void> {
  const named = new Set(records.manifests.list().flatMap(({ references }) => references));
  const oldest = now() - unnamedFor;
  for (const { digest } of records.blobs.list()) {
    await setImmediate();
    if (named.has(digest) || uses.usedAt(digest) >= oldest || pins.isPinned(digest) || holds.isHeld(digest)) continue;
    await space.dropBlob(digest);
  }
}

/** What is being stored is held from before its file is in place until its record is. */
async function dropOrphans({ records, holds, content }: LocalParts): Promise<void> {
  for await (const digest of content.list()) {
    const isKnown = records.blobs.get(digest) ?? records.manifests.get(digest);
    if (isKnown === undefined && !holds.isHeld(digest)) await content.delete(digest);
  }
}
