import type { Readable } from "node:stream";
import { LRUCache } from "lru-cache";
import type { Digest } from "../../oci/digest.ts";
import { parseManifest } from "../../registry/parse-manifest.ts";
import { RegistryError } from "../../registry/registry-error.ts";
import { cacheReads } from "../../store/cached-reads.ts";
import type { ContentFile, ContentStore } from "../../store/content-store.ts";
import type { Store } from "../../store/store.ts";
import { collectGarbage, dropManifest, type GarbageLimits } from "./collect-garbage.ts";
import { createContentHolds } from "./content-holds.ts";
import { openContentSpace, type SpaceLimits } from "./content-space.ts";
import { type LocalParts, unavailable } from "./local-parts.ts";
import { openPinnedImages, type PinnedImages } from "./pinned-images.ts";
import { startPulledBlob } from "./pulled-blob-writer.ts";
import { ContentUnavailable, type PulledContent, type PulledTag } from "./pulled-content.ts";
import { type ManifestRecord, openPulledRecords, referenceKey, shownIn } from "./pulled-records.ts";
import { openUseOrder } from "./use-order.ts";

export interface LocalPulledContentOptions extends Partial<SpaceLimits>, Partial<GarbageLimits> {
  store: Store;
  content: ContentStore;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Of manifests that are kept ready in memory. */
  memoryBytes?: number;
}

export interface PulledContentStats {
  bytes: number;
  maximumBytes: number;
  blobs: number;
  manifests: number;
  /** Blobs that made room for others since the start. */
  evictions: number;
}

/** What LocalPulledContent can do beyond the verbs of a pull. */
export interface LocalPulledContent extends PulledContent, Pick<PinnedImages, "pin" | "unpin"> {
  pins: PinnedImages["list"];
  stats(): PulledContentStats;
  /**
   * Beside traffic: removes what nobody pulled for long, blobs that no manifest names, and files that a killed process
   * left. To be called after opening and from time to time.
   */
  collectGarbage(): Promise<void>;
  /** Writes down what is only in memory. The store is its owner's to close. */
  close(): void;
}

const day = 24 * 3600 * 1000;

/** `PulledContent` on this machine's disk. The content store must be nobody else's: what no record names is removed. */
export function openLocalPulledContent(options: LocalPulledContentOptions): LocalPulledContent {
  const { store, content, now, maximumBytes = Number.POSITIVE_INFINITY, unusedFor = 30 * day, freeBytes } = options;
  const records = openPulledRecords(store);
  const blobUses = openUseOrder(store, records.blobUses, now);
  const manifestUses = openUseOrder(store, records.manifestUses, now);
  const pins = openPinnedImages(records);
  const holds = createContentHolds();
  const { isPinned } = pins;
  const space = openContentSpace({ records, content, uses: blobUses, holds, maximumBytes, freeBytes, isPinned });
  const ready: LocalParts["ready"] = new LRUCache({
    maxSize: options.memoryBytes ?? 64 * 1024 * 1024,
    sizeCalculation: ({ body }) => body.byteLength + 512,
  });
  const parts: LocalParts = { records, store, content, blobUses, manifestUses, pins, space, holds, ready, now };
  return {
    ...tagVerbs(parts),
    ...manifestVerbs(parts),
    ...blobVerbs(parts),
    pin: pins.pin,
    unpin: pins.unpin,
    pins: pins.list,
    stats: () => ({
      ...space.stats(),
      maximumBytes,
      blobs: blobUses.count(),
      manifests: manifestUses.count(),
    }),
    collectGarbage: () => collectGarbage(parts, { unusedFor }),
    close() {
      blobUses.flush();
      manifestUses.flush();
    },
  };
}

function tagVerbs({ records, pins }: LocalParts): Pick<PulledContent, "findTag" | "putTag" | "deleteTag"> {
  const find = cacheReads(records.tags);
  return {
    findTag: async (repository, tag) => find(referenceKey(repository, tag))?.tag,
    async putTag(repository, tag: PulledTag) {
      records.tags.put(referenceKey(repository, tag.tag), { repository, tag });
      pins.refresh();
    },
    async deleteTag(repository, tag) {
      records.tags.delete(referenceKey(repository, tag));
      pins.refresh();
    },
  };
}

function manifestVerbs(parts: LocalParts): Pick<PulledContent, "findManifest" | "putManifest"> {
  const { records, store, content, manifestUses: uses, pins, space, holds, ready } = parts;
  return {
    async findManifest(repository, digest) {
      const held = ready.get(digest);
      const record = held?.record ?? records.manifests.get(digest);
      if (record === undefined || !record.repositories.includes(repository)) return undefined;
      // Before the body is read, so that no collection takes it meanwhile.
      uses.touch(digest);
      const body = held?.body ?? (await readManifest(parts, record));
      if (body === undefined) return undefined;
      // Not what was collected while it was being read.
      if (held === undefined && records.manifests.get(digest) !== undefined) ready.set(digest, { record, body });
      return { head: record.head, body };
    },
    async putManifest(repository, head, body) {
      const { digest, size, mediaType } = head;
      const release = holds.hold(digest);
      try {
        if (records.manifests.get(digest) === undefined) await content.write(body, digest).catch(unavailable);
        const known = records.manifests.get(digest);
        if (known === undefined) space.addManifest(size);
        const references = known?.references ?? referencesOf(body, mediaType);
        // `stale` belongs to one answer and not to the manifest.
        const fresh = { digest, size, repositories: [], head: { digest, mediaType, size }, references };
        const record = shownIn<ManifestRecord>(known ?? fresh, repository);
        store.transaction(() => {
          records.manifests.put(digest, record);
          uses.touch(digest);
        });
        ready.set(digest, { record, body });
        pins.refresh();
      } finally {
        release();
      }
    },
  };
}

function blobVerbs(
  parts: LocalParts,
): Pick<PulledContent, "findBlob" | "linkBlob" | "isBlobHere" | "readBlob" | "openBlobFile" | "startBlob"> {
  const { records, content, blobUses: uses, space, holds } = parts;
  const find = cacheReads(records.blobs);

  /** Somebody removed the file: forget it, so that the next pull fetches it again. */
  async function forgetLost(digest: Digest): Promise<never> {
    await space.dropBlob(digest);
    throw new ContentUnavailable(`blob ${digest} is no longer there`);
  }

  return {
    async findBlob(repository, digest) {
      const record = find(digest);
      return record?.repositories.includes(repository) ? record.size : undefined;
    },
    isBlobHere: async (digest) => records.blobs.get(digest) !== undefined,
    async linkBlob(repository, digest) {
      const record = records.blobs.get(digest);
      if (record === undefined) return false;
      records.blobs.put(digest, shownIn(record, repository));
      return true;
    },
    async readBlob(digest, range): Promise<Readable> {
      const release = holds.hold(digest);
      uses.touch(digest);
      if ((await content.size(digest)) === undefined) {
        release();
        return forgetLost(digest);
      }
      return content.read(digest, range).once("close", release);
    },
    async openBlobFile(digest) {
      const release = holds.hold(digest);
      uses.touch(digest);
      const file = await openOrRelease(content, digest, release);
      if (file === undefined) return forgetLost(digest);
      return {
        ...file,
        release() {
          file.release();
          release();
        },
      };
    },
    startBlob: (repository, size) => startPulledBlob(parts, repository, size),
  };
}

/** The hold is let go of where nothing was opened. */
async function openOrRelease(content: ContentStore, digest: Digest, release: () => void) {
  let file: ContentFile | undefined;
  try {
    file = await content.openFile(digest);
  } catch (error) {
    unavailable(error);
  } finally {
    if (file === undefined) release();
  }
  return file;
}

/** Undefined where somebody removed the file: it is forgotten, so that it is fetched again. */
async function readManifest(parts: LocalParts, { digest }: ManifestRecord): Promise<Buffer | undefined> {
  try {
    return await parts.content.readAll(digest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return unavailable(error);
    dropManifest(parts, digest);
    return undefined;
  }
}

/** A manifest of a type that is not known here names nothing that could be kept for it. */
function referencesOf(body: Buffer, mediaType: string): Digest[] {
  try {
    const { blobs, manifests } = parseManifest(body, mediaType);
    return [...blobs, ...manifests].map(({ digest }) => digest);
  } catch (error) {
    if (error instanceof RegistryError) return [];
    throw error;
  }
}
